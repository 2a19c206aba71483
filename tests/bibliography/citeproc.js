// Render CSL items by citeproc-js: node citeproc.js MODULE LOCALES STYLE ITEMS, JSON to stdout.
"use strict";
const fs = require("fs");
const [, , module_, locales, style, source] = process.argv;
const CSL = require(module_);
const items = Object.fromEntries(JSON.parse(fs.readFileSync(source, "utf8")).map((i) => [i.id, i]));
const system = {
  retrieveLocale: (name) => {
    const path = `${locales}/locales-${name}.xml`;
    return fs.existsSync(path) ? fs.readFileSync(path, "utf8") : false;
  },
  retrieveItem: (id) => items[id],
};
const engine = new CSL.Engine(system, fs.readFileSync(style, "utf8"), "fr-FR", true);
const rendered = {};
for (const id of Object.keys(items)) {
  engine.updateItems([id]);
  rendered[id] = (engine.makeBibliography()[1][0] || "").trim();
}
process.stdout.write(JSON.stringify(rendered));
