/* Rank documents; cut texts into pieces and number them. Never needed: numpy and Python do it too.

   Built where there is a C compiler (`hatch_build.py`), loaded by `postings`, equal by test.

   Ranking marks documents that are found, adds up what they score and keeps the best: what
   `topk.rank_by_numpy` does, in one call without an array in between. Cutting is what
   `inversion.TokenTable` does a text, for many texts in one call. */

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const void *docs;    /* numbers of documents within a segment, in order */
    const void *counts;  /* how often each has the term; not read of what only finds */
    int64_t size, first; /* postings; the number of the segment's first document */
    int64_t doc_bytes, count_bytes;
    int64_t holders;     /* documents of all segments that have the term */
    int64_t norms;       /* where the numbers of the field begin in `bm25` and `lgd` */
} Row;

/* The CRC-32 of this file: what was built of another version of it is not used. */
uint32_t source(void) { return SOURCE; }

static inline int64_t read_number(const void *numbers, int64_t place, int64_t bytes)
{
    switch (bytes) {
    case 1: return ((const uint8_t *)numbers)[place];
    case 2: return ((const uint16_t *)numbers)[place];
    case 4: return ((const uint32_t *)numbers)[place];
    default: return ((const int64_t *)numbers)[place];
    }
}

/* Give how many documents match: marked with any bit of `wanted`, and alive. Their numbers go to
   `matched`, in order; the best to `best` and `scores`, the lower number first of equals. What has all
   bits of `both` (0: nothing) scores `factor` times as much. -1 where a number is beyond `size`.

   `bm25` and `lgd` say what length does to a count, in each document of each field. `flags` (all 0,
   as they are left) and `sums` have a place for each document, flags up to 7 more. */
int64_t rank(const Row *finding, const uint8_t *marks, int64_t findings, const Row *adding,
             const double *weights, int64_t addings, const double *bm25, const double *lgd,
             const uint8_t *live, int64_t size, uint8_t *flags, double *sums, int64_t wanted,
             int64_t both, double k1, double law_share, double factor, int64_t limit,
             int64_t *matched, int64_t *best, double *scores)
{
    int64_t found = 0, kept = 0, is_wrong = 0;
    for (int64_t r = 0; r < findings; r++) {
        const Row row = finding[r];
        for (int64_t i = 0; i < row.size; i++) {
            int64_t doc = row.first + read_number(row.docs, i, row.doc_bytes);
            if (doc < 0 || doc >= size) is_wrong = 1;
            else flags[doc] |= marks[r];
        }
    }
    for (int64_t start = 0; start < size; start += 8) {
        uint64_t eight;
        memcpy(&eight, flags + start, 8);
        for (int64_t doc = start; eight && doc < start + 8; doc++) {
            if ((flags[doc] & wanted) && (!live || live[doc])) {
                matched[found++] = doc;
                sums[doc] = 0.0;
            } else
                flags[doc] = 0;
        }
    }
    for (int64_t r = 0; r < addings; r++) {
        const Row row = adding[r];
        const double *longer = bm25 + row.norms, *lawful = lgd + row.norms;
        const double holders = (double)row.holders, per_holder = (double)size / holders;
        const double rarity = log1p(((double)size - holders + 0.5) / (holders + 0.5));
        const double share = (1.0 - law_share) * rarity * weights[r], law = law_share * weights[r];
        for (int64_t i = 0; i < row.size; i++) {
            int64_t doc = row.first + read_number(row.docs, i, row.doc_bytes);
            if (doc < 0 || doc >= size) is_wrong = 1;
            else if (flags[doc]) {
                double tf = (double)read_number(row.counts, i, row.count_bytes);
                sums[doc] += tf / (tf + longer[doc]) * (k1 + 1.0) * share
                             + log(1.0 + tf * lawful[doc] * per_holder) * law;
            }
        }
    }
    for (int64_t i = 0; i < found; i++) {
        int64_t doc = matched[i];
        double score = both && (flags[doc] & both) == both ? sums[doc] * factor : sums[doc];
        flags[doc] = 0;
        if (kept == limit && !(score > scores[limit - 1])) continue;
        int64_t place = kept < limit ? kept++ : limit - 1;
        for (; place > 0 && scores[place - 1] < score; place--) {
            scores[place] = scores[place - 1];
            best[place] = best[place - 1];
        }
        scores[place] = score;
        best[place] = doc;
    }
    return is_wrong ? -1 : found;
}

/* Put `size` postings, documents going up, in the order of their terms, which `ranks` number; gives how
   many are left. Postings of one term and document become one. `counts` (NULL: 1 each) says how often
   the term stands there, and so how many of `places` (or NULL) there are; places stay in their order.

   `at` and `place_at` have a place for each of `terms` terms, all 0. */
int64_t collect(const int32_t *ranks, const int32_t *docs, const int32_t *counts,
                const int32_t *places, int64_t size, int64_t terms, int64_t *at, int64_t *place_at,
                int64_t *ends, int32_t *docs_out, int32_t *counts_out, int32_t *places_out)
{
    int64_t before = 0, places_before = 0, from = 0, kept = 0, i = 0;
    for (i = 0; i < size; i++) {
        at[ranks[i]]++;
        place_at[ranks[i]] += counts ? counts[i] : 1;
    }
    for (int64_t term = 0; term < terms; term++) {
        int64_t here = at[term], places_here = place_at[term];
        at[term] = before;
        place_at[term] = places_before;
        before += here;
        places_before += places_here;
    }
    for (i = 0; i < size; i++) {
        const int32_t rank = ranks[i], count = counts ? counts[i] : 1;
        docs_out[at[rank]] = docs[i];
        counts_out[at[rank]++] = count;
        if (!places) continue;
        for (int32_t each = 0; each < count; each++) places_out[place_at[rank]++] = places[from++];
    }
    i = 0;
    for (int64_t term = 0; term < terms; term++) {
        const int64_t first = kept;
        for (; i < at[term]; i++) {
            if (kept > first && docs_out[kept - 1] == docs_out[i])
                counts_out[kept - 1] += counts_out[i];
            else {
                docs_out[kept] = docs_out[i];
                counts_out[kept++] = counts_out[i];
            }
        }
        ends[term] = kept;
    }
    return kept;
}

/* The character that begins at `*at`, in UTF-8 that is valid (surrogates may stand alone). */
static inline uint32_t read_character(const uint8_t **at)
{
    const uint8_t *p = *at;
    uint32_t first = *p;
    if (first < 0x80) { *at = p + 1; return first; }
    if (first < 0xE0) { *at = p + 2; return (first & 0x1F) << 6 | (p[1] & 0x3F); }
    if (first < 0xF0) {
        *at = p + 3;
        return (first & 0x0F) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3F);
    }
    *at = p + 4;
    return (first & 0x07) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3F);
}

/* What `str.isspace` says. */
static inline int is_space(uint32_t c)
{
    if (c < 0x80) return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028
           || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* A letter of `chain._ACCENTED`. */
static inline int is_accented(uint32_t c)
{
    if (c < 0xC0) return 0;
    if (c >= 0x300) return c <= 0x36F;
    if (c == 0x178) return 1;
    if (c > 0xFF) return 0;
    c |= 0x20; /* small letters of Latin-1: capitals are 32 below */
    return c == 0xE0 || c == 0xE2 || c == 0xE4 || (c >= 0xE7 && c <= 0xEB) || c == 0xEE
           || c == 0xEF || c == 0xF4 || c == 0xF6 || c == 0xF9 || c == 0xFB || c == 0xFC
           || c == 0xFF;
}

/* Whether `\d` may match it: some characters beyond ASCII that are no digits are taken too. */
static inline int may_be_digit(uint32_t c)
{
    return c < 0x80 ? c >= '0' && c <= '9' : c >= 0x660 && !(c >= 0x2000 && c < 0x3000);
}

static inline int may_be_apostrophe(uint32_t c)
{
    return c == '\'' || c == '`' || c == 0xB4 || c == 0x2BC
           || (c >= 0x2018 && c <= 0x2032) || c == 0xFF07;
}

enum { ACCENTED = 1, MAY_HOLD_BLANKS = 2 };

/* Say of each text whether it has a letter with an accent, and whether a graphic word of it may hold
   a blank: all that `chunks.may_hold_blanks` says so of, and some others. */
void look(const uint8_t *text, const int64_t *ends, int64_t texts, uint8_t *looks)
{
    const uint8_t *p = text;
    for (int64_t t = 0; t < texts; t++) {
        const uint8_t *end = text + ends[t];
        uint8_t seen = 0;
        uint32_t before = 0, second = 0, law = 0; /* the last two; steps since a letter of the law */
        while (p < end) {
            uint32_t c = read_character(&p);
            if (is_accented(c)) seen |= ACCENTED;
            int is_digit = may_be_digit(c), is_blank = is_space(c);
            if (c == '\n' || (is_digit && law) || (is_digit && is_space(before) && may_be_digit(second))
                || (is_blank && may_be_apostrophe(before)
                    && (second == 'd' || second == 'D' || second == 'u' || second == 'U')))
                seen |= MAY_HOLD_BLANKS;
            if (c == 'L' || c == 'R' || c == 'D' || c == 'A' || c == 'C') law = 1;
            else if (law) law = c == '.' || c == '*' || is_blank ? (law + 1) % 6 : 0;
            second = before;
            before = c;
        }
        looks[t] = seen;
    }
}

typedef struct {
    uint8_t *keys;     /* of every piece: its tag, then the piece; one after the other */
    int64_t *key_ends;
    uint64_t *slots;   /* the hash of a key << 32 | its number + 1; 0 where there is none */
    int64_t count, most, most_bytes, mask; /* pieces; those that fit; bytes of keys that fit */
} Pieces;

static inline uint32_t hash_key(uint8_t tag, const uint8_t *piece, int64_t size)
{
    uint64_t hash = 0xCBF29CE484222325u ^ tag; /* FNV-1a */
    hash *= 0x100000001B3u;
    for (int64_t i = 0; i < size; i++) hash = (hash ^ piece[i]) * 0x100000001B3u;
    return (uint32_t)(hash >> 32) ^ (uint32_t)hash;
}

/* The number of a piece, a new one where it has none; -1 where there is no room for it. */
static int64_t number_piece(Pieces *held, uint8_t tag, const uint8_t *piece, int64_t size)
{
    uint32_t hash = hash_key(tag, piece, size);
    int64_t slot = hash & held->mask;
    for (; held->slots[slot]; slot = (slot + 1) & held->mask) {
        if (held->slots[slot] >> 32 != hash) continue;
        int64_t number = (int64_t)(held->slots[slot] & 0xFFFFFFFFu) - 1;
        int64_t begin = number ? held->key_ends[number - 1] : 0;
        if (held->key_ends[number] - begin == size + 1 && held->keys[begin] == tag
            && !memcmp(held->keys + begin + 1, piece, size))
            return number;
    }
    int64_t number = held->count, begin = number ? held->key_ends[number - 1] : 0;
    if (number >= held->most || begin + size + 1 > held->most_bytes) return -1;
    held->keys[begin] = tag;
    memcpy(held->keys + begin + 1, piece, size);
    held->key_ends[number] = begin + size + 1;
    held->slots[slot] = (uint64_t)hash << 32 | (uint64_t)(number + 1);
    held->count++;
    return number;
}

/* Fill the slots, all 0, with the keys that there are. */
void place_pieces(Pieces *held)
{
    for (int64_t number = 0; number < held->count; number++) {
        int64_t begin = number ? held->key_ends[number - 1] : 0;
        const uint8_t *key = held->keys + begin;
        uint32_t hash = hash_key(key[0], key + 1, held->key_ends[number] - begin - 1);
        int64_t slot = hash & held->mask;
        while (held->slots[slot]) slot = (slot + 1) & held->mask;
        held->slots[slot] = (uint64_t)hash << 32 | (uint64_t)(number + 1);
    }
}

/* Cut texts, from the one of number `first` on, at blanks and around spans; gives the text before
   which `held` was full, or `texts`.

   `spans` are the characters where graphic words begin and end that may hold blanks, those of a text
   up to its `span_ends`; such a word has its tag + 1. What stands between them is left out where
   `is_whole` says that all of a text's words are given so. Writes the number of each piece, where it
   begins in its text, in characters, and where those of each text end. */
int64_t cut(Pieces *held, const uint8_t *text, const int64_t *ends, const uint8_t *tags,
            const uint8_t *is_whole, const int32_t *spans, const int64_t *span_ends, int64_t first,
            int64_t texts, int32_t *numbers, int32_t *starts, int64_t *piece_ends)
{
    int64_t pieces = first ? piece_ends[first - 1] : 0;
    for (int64_t t = first; t < texts; t++) {
        const uint8_t *p = text + (t ? ends[t - 1] : 0), *end = text + ends[t];
        int64_t span = t ? span_ends[t - 1] : 0;
        int32_t at = 0, next = span < span_ends[t] ? spans[2 * span] : -1;
        while (p < end) {
            const uint8_t *begin = p, *after = p;
            int32_t start = at;
            int is_span = at == next;
            if (is_span) {
                for (; at < spans[2 * span + 1]; at++) read_character(&after);
                span++;
                next = span < span_ends[t] ? spans[2 * span] : -1;
            } else {
                uint32_t c = read_character(&after);
                at++;
                if (is_whole[t] || is_space(c)) { p = after; continue; }
                while (after < end && at != next) {
                    const uint8_t *ahead = after;
                    if (is_space(read_character(&ahead))) break;
                    after = ahead;
                    at++;
                }
            }
            int64_t number = number_piece(held, tags[t] + is_span, begin, after - begin);
            if (number < 0) return t;
            numbers[pieces] = (int32_t)number;
            starts[pieces++] = start;
            p = after;
        }
        piece_ends[t] = pieces;
    }
    return texts;
}
