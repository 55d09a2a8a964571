/* lexicon.h: alternatives for a word that no rule names, and Korean particles.
 *
 * In: a word as the text has it, in lower case. Out: words or phrases that may stand for it, best
 * first. Next stage: the engine (augment.h), which asks once per distinct word of a batch and keeps
 * case, protection and labels itself. Implemented in lexicon/.
 */
#ifndef MISSTEP_AUGMENT_LEXICON_H
#define MISSTEP_AUGMENT_LEXICON_H

#include <stdint.h>

#include "misstep/alloc.h"
#include "misstep/status.h"
#include "misstep/text.h"
#include "rules.h"

/* An open lexicon: read only after opening, threads may share it. */
typedef struct mst_lexicon mst_lexicon;

/* How much of a lexicon is used. */
typedef struct mst_lexicon_options {
  int32_t max_senses;       /* senses of a word in each part of speech; 1: the first */
  int32_t max_alternatives; /* alternatives a word, at most 64; 8 */
} mst_lexicon_options;

/* First sense only, 8 alternatives. */
mst_lexicon_options mst_lexicon_options_default(void);

/* Open a lexicon.
 *   source  "wordnet": the data files of the system's WordNet 3.0; a folder: WordNet's data files
 *           there; a file: PPDB's text format. (A file in the rule syntax is read by rules.h.)
 * MST_E_IO: not there (the message says which package has it). MST_E_FORMAT "file:line: ...":
 * damaged. MST_E_NOMEM. */
mst_status mst_lexicon_open(const char *source, const mst_lexicon_options *options,
                            mst_lexicon **out);
void mst_lexicon_close(mst_lexicon *lexicon);

/* Its name in provenance ("wordnet"), borrowed. */
const char *mst_lexicon_name(const mst_lexicon *lexicon);

/* Receives one alternative in the inflection of the word asked for; valid during the call only. A
 * failure ends the look-up and is returned. */
typedef mst_status mst_lexicon_fn(void *payload, mst_slice alternative, mst_pos pos);

/* Look a word up.
 *   word  lower case, one word (mst_pieces' word run), valid UTF-8
 *   pos   MST_POS_ANY: the part of speech that the word has most often, or all that the lexicon
 *         cannot tell apart
 * An alternative consists of words joined by single spaces or hyphens, begins and ends with a
 * letter or digit, holds no digit that the word does not hold, and differs from the word. Each is
 * given once. An unknown word and a word that only builds sentences ("the") give none. Of WordNet a
 * synonym is given if the sense that they share is among the first max_senses of both, and texts
 * tagged by WordNet's authors hold it. What emit returns; MST_E_FORMAT: WordNet's files were
 * changed while they were open. Exact: the same order every time. Under a microsecond. */
mst_status mst_lexicon_find(const mst_lexicon *lexicon, mst_slice word, mst_pos pos,
                            mst_lexicon_fn *emit, void *payload);

/* Is `rest` a Korean particle, or several, that may follow the noun `stem`? Both are parts of one
 * word: stem and rest stand side by side. 1 or 0; rest empty: 0. Behind a stem of one syllable or
 * sign the form must be right (cha + i is no noun with a particle); behind a longer one either form
 * of a particle will do, since pupils confuse them. */
int mst_korean_particles_fit(mst_slice stem, mst_slice rest);

/* Append the particles `rest` in the form that they take behind the noun `stem` (its last sound
 * decides: a final consonant or none, and the r of -euro). stem is not appended. What is no known
 * particle is appended as it is. MST_E_NOMEM, MST_E_LIMIT (out's ceiling). */
mst_status mst_korean_particles_write(mst_slice stem, mst_slice rest, mst_buffer *out);

#endif
