/* maths.h: the maths analyzer, a tokenizer that keeps what a mathematical statement says.
 *
 * In: one text, after lowercase and strip_accents. Out: tokens with their kinds, left to right.
 * Next stage: counts (through mst_tokens_create), or rules that edit numbers and operators.
 *
 *     "3/4 because 6 + 2 = 8 and x = 12, not 0.5"
 *     3/4 because 6 + 2 = 8 and x = 12 not 0.5
 *
 * Grammar. The scanner stands at one place, takes the first rule that fits, and goes on behind it.
 * "blank" is white space without line breaks; 'touches' means nothing in between.
 *
 *     text      = { number | fraction | operator | power | unit | variable | word | skipped }
 *     digit     = '0'..'9' | U+FF10..U+FF19                    written as '0'..'9'
 *     digits    = digit {digit}
 *     grouped   = digit [digit [digit]] {',' digit digit digit}+     no digit behind it
 *     number    = [sign] (grouped | digits) ['.' digits]
 *               | [sign] '.' digits                            if no digit touches the '.'
 *     fraction  = [sign] digits slash digits                   no '.'digit, ','digit, slash digit
 *                                                              behind it, no digit slash before it
 *               | [sign] vulgar                                U+00BC.. U+2150.. U+2189
 *               | frac '{' ['-'] digits '}' '{' digits '}'     frac = \frac \dfrac \tfrac
 *                 always written digits/digits; a mixed number (2 1/2) is two tokens
 *     slash     = '/' | U+2044 | U+2215
 *     sign      = a form of '-' that touches the number, at a beginning or behind an operator
 *                 (but '%'). A beginning: of the text or a line, behind ( [ , ; : and behind a '|'
 *                 that follows no operand. Everywhere else it is the operator. '+' is no sign.
 *     operator  = + - * / = < > <= >= != % ^                   also in these forms:
 *                 -  U+2212 U+FE63 U+FF0D        *  U+00D7 U+00B7 U+22C5 U+2217 U+2715 \times \cdot
 *                 /  U+00F7 U+2044 U+2215 \div   =  == U+FF1D    <= U+2264 U+2266 U+2A7D \le \leq
 *                 >= U+2265 U+2267 U+2A7E \ge \geq   != U+2260 \ne \neq   % \% U+FF05
 *                 and full-width + * / < > ^; \lt \gt. A '-' that touches letters on both
 *                 sides is a hyphen, skipped, unless both are single letters.
 *     power     = superscript digits                           the operator ^ and then a number
 *     unit      = a spelling of the unit table, behind a number or fraction (blanks may stand
 *                 between); a length may carry U+00B2, U+00B3, ^2 or ^3, written U+00B2 U+00B3; the
 *                 one-character forms U+3380.. are written in letters. A Korean unit that touches
 *                 its number may be followed by letters (particles): they are scanned on their own.
 *     variable  = one letter a-z, A-Z or Greek, with no letter beside it, where
 *                 an operator stands beside it (blanks may stand between), or
 *                 a digit, a superscript, '_' or one of ( ) [ ] { } | touches it, or
 *                 numbers stand on both sides (3 x 4; blanks may stand between)
 *     word      = two or more letters; \name of two or more letters gives the word name
 *     letter    = a word character (isalnum) that is no digit, superscript digit or vulgar
 *                 fraction; '_' is none
 *     skipped   = everything else: brackets, punctuation, single letters (Korean syllables too),
 *                 layout commands (\left \right \text \mathrm \mathbf \quad \displaystyle ...).
 *                 \frac with other contents: its two arguments with the operator / between them.
 *
 * A token never holds white space or another byte up to 0x20. strip_accents changes the text
 * beforehand: with unicode, U+00BD arrives as 1 U+2044 2 (still 1/2), but U+2260 arrives as '='.
 */
#ifndef MISSTEP_MATHS_H
#define MISSTEP_MATHS_H

#include "misstep/status.h"
#include "misstep/text.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mst_maths_kind {
  MST_MATHS_NUMBER,
  MST_MATHS_FRACTION,
  MST_MATHS_OPERATOR,
  MST_MATHS_UNIT,
  MST_MATHS_VARIABLE,
  MST_MATHS_WORD
} mst_maths_kind;

/* Receives one token. token is what it is written as, source where it came from in the text; both
 * are valid during the call only. A failure ends the scan. */
typedef mst_status mst_maths_fn(void *payload, mst_maths_kind kind, mst_slice token,
                                mst_slice source);

/* Scan a text (valid UTF-8) by the grammar above. MST_E_NOMEM, and what emit returns. Exact. */
mst_status mst_maths_scan(mst_slice text, mst_maths_fn *emit, void *payload);

#ifdef __cplusplus
}
#endif
#endif
