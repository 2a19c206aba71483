// Functions that run in a captured page; `browser.py` reads each by its name.

// --- prepare
// Closed shadow trees hold text as open ones do: they are opened, so that it can be read.
(() => {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachShadow(options) {
    return attach.call(this, { ...options, mode: "open" });
  };
  // What a page does a moment after it was opened is a part of it: timers that will end within
  // its first seconds are counted; shorter ones draw, and show in what `measure` counts.
  const FIRST_MS = 8000, SHORTEST_MS = 300;
  const [set, clear, waiting] = [window.setTimeout, window.clearTimeout, new Set()];
  window.setTimeout = function setTimeout(handler, delay, ...more) {
    const isCounted = delay >= SHORTEST_MS && performance.now() + delay <= FIRST_MS;
    if (!isCounted || typeof handler !== "function") return set.call(this, handler, delay, ...more);
    const id = set.call(this, function ended(...given) {
      waiting.delete(id);
      return handler.apply(this, given);
    }, delay, ...more);
    waiting.add(id);
    return id;
  };
  window.clearTimeout = function clearTimeout(id) {
    waiting.delete(id);
    return clear.call(this, id);
  };
  Object.defineProperty(window, Symbol.for("renvois.waiting"), { value: () => waiting.size > 0 });
})();

// --- waits
() => (window[Symbol.for("renvois.waiting")] || (() => false))()

// --- measure
() => {
  const count = (root) => {
    let letters = (root.textContent || "").length;
    for (const element of root.querySelectorAll("*")) {
      if (element.shadowRoot) letters += count(element.shadowRoot);
    }
    return letters;
  };
  return document.documentElement ? count(document) + count(document.documentElement) : 0;
}

// --- scroll
// The window, and boxes that fill half of it and scroll in its place.
() => {
  const root = document.scrollingElement || document.documentElement;
  const isTall = (box) => box.scrollHeight > box.clientHeight + 1
    && box.clientHeight > window.innerHeight / 2 && box.clientWidth > window.innerWidth / 2;
  const scrolls = (box) => isTall(box) && /auto|scroll/.test(getComputedStyle(box).overflowY);
  const boxes = [root, ...Array.from(document.body ? document.body.querySelectorAll("*") : [])
    .slice(0, 5000).filter(scrolls)];
  return boxes.map((box) => {
    const before = box.scrollTop;
    box.scrollBy({ top: window.innerHeight, behavior: "instant" });
    return box.scrollTop === before;
  }).every(Boolean);
}

// --- remove
(selectors) => {
  for (const element of document.querySelectorAll(selectors)) element.remove();
}

// --- serialize
(isWhole) => {
  const MAX = 8000000;
  const VOID = new Set(["area", "base", "br", "col", "embed", "hr", "img", "input", "link",
    "meta", "source", "track", "wbr"]);
  const UNREAD = new Set(["style", "template", "noscript", "svg", "object", "canvas"]);
  const pieces = [];
  let length = 0;
  const put = (text) => {
    length += text.length;
    if (length <= MAX) pieces.push(text);
  };
  const escape = (text) =>
    text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
  const isData = (element) => /ld\+json/.test(element.getAttribute("type") || "");
  const list = (nodes) => { for (const node of nodes) walk(node); };
  const open = (element, tag) => {
    let text = "<" + tag;
    for (const { name, value } of element.attributes) {
      if (/^[a-z][a-z0-9:_.-]*$/i.test(name) && !/^(on|style$|srcdoc$)/i.test(name)) {
        text += " " + name + '="' + escape(value) + '"';
      }
    }
    put(text + ">");
  };
  const walk = (node) => {
    if (length > MAX) return;
    if (node.nodeType === Node.TEXT_NODE) { put(escape(node.data)); return; }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const tag = node.localName.toLowerCase();
    if (UNREAD.has(tag)) return;
    if (tag === "script") {
      if (isData(node)) {
        open(node, tag);
        put(node.textContent.replace(/<\//g, "<\\/") + "</script>");
      }
      return;
    }
    if (tag === "slot") {
      const given = node.assignedNodes({ flatten: true });
      list(given.length ? given : node.childNodes);
      return;
    }
    if (tag === "iframe" || tag === "frame") {
      const number = node.getAttribute("data-frame");
      if (number) put('<section data-frame="' + escape(number) + '"></section>');
      return;
    }
    const name = tag === "frameset" ? "div" : tag;
    open(node, name);
    if (VOID.has(tag)) return;
    list(node.shadowRoot ? node.shadowRoot.childNodes : node.childNodes);
    put("</" + name + ">");
  };
  try {
    if (isWhole) {
      put("<!DOCTYPE html><html");
      const language = document.documentElement.getAttribute("lang");
      if (language) put(' lang="' + escape(language) + '"');
      put("><head><meta charset=\"utf-8\">");
      if (document.head) list(document.head.childNodes);
      put("</head><body>");
    }
    if (document.body) {
      const body = document.body;
      if (body.localName === "frameset") walk(body);
      else list(body.shadowRoot ? body.shadowRoot.childNodes : body.childNodes);
    }
    if (isWhole) put("</body></html>");
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;  // too deep for a walk
    return document.documentElement.outerHTML.slice(0, MAX);
  }
  return pieces.join("");
}
