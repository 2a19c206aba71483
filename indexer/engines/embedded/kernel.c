/* Rank documents: mark those that are found, add up what they score, keep the best.

   Does what `topk.rank_by_numpy` does, in one call without an array in between; never needed.
   Built where there is a C compiler (`hatch_build.py`), loaded by `topk`, equal to numpy by test. */

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
