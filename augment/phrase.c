/* phrase.c: reads one phrase of a rule: words, punctuation in quotes, slots. */
#include <string.h>

#include "internal.h"

/* Bytes that end a phrase without quotes. */
static const char stops[] = ",=<>[]\"#\\";

static mst_slice declared_at(const void *builder, int64_t i) {
  const mst_rules_builder *b = builder;
  return mst__arena_at(b, MST__AT(b->declared, mst__declared, i)->name);
}

/* {n}, {many2}, {w}, {expr1}: kind and number, or -1. */
static int matched_slot(mst_slice name, int32_t *number) {
  static const char *const kinds[] = {"n", "many", "w", "expr"};
  for (int k = 0; k < MST__SLOT_DECLARED; k++) {
    const int64_t n = (int64_t)strlen(kinds[k]);
    if (name.len < n || memcmp(name.ptr, kinds[k], (size_t)n) != 0) continue;
    *number = 0;
    if (name.len == n) return k;
    if (name.len != n + 1 || name.ptr[n] < '1' || name.ptr[n] > '9') continue;
    *number = name.ptr[n] - '0';
    return k;
  }
  return -1;
}

/* The form behind the colon of a declared slot. */
static mst_status read_form(mst_rules_builder *b, mst__cursor *c, mst__part *part) {
  const mst__declared *d = MST__AT(b->declared, mst__declared, part->slot - MST__SLOT_DECLARED);
  const mst__cursor at = *c;
  const mst_slice form = mst__take_name(c);
  for (int64_t f = 1; f < d->forms.n; f++) {
    if (!mst__arena_is(b, *MST__AT(d->forms, mst__str, f), form)) continue;
    part->form = (int32_t)f;
    return MST_OK;
  }
  const mst_slice name = mst__arena_at(b, d->name);
  return mst__fail_at(&at, "'%.*s' is no form of {%.*s}; expected one of its declaration",
                      (int)form.len, (const char *)form.ptr, (int)name.len, (const char *)name.ptr);
}

/* A slot, at its '{'. */
static mst_status read_slot(mst_rules_builder *b, mst__cursor *c, mst__part *part) {
  char hint[96];
  c->p++;
  const mst__cursor at = *c;
  const mst_slice name = mst__take_name(c);
  *part = (mst__part){.slot = matched_slot(name, &part->number)};
  if (part->slot >= 0) (void)matched_slot(name, &part->number);
  for (int64_t i = 0; part->slot < 0 && i < b->declared.n; i++)
    if (mst__arena_is(b, MST__AT(b->declared, mst__declared, i)->name, name))
      part->slot = (int32_t)(MST__SLOT_DECLARED + i);
  if (part->slot < 0)
    return mst__fail_at(&at, "no slot '%.*s'%s; expected n, many, w, expr or one declared before",
                        (int)name.len, (const char *)name.ptr,
                        mst__hint(name, declared_at, b, b->declared.n, hint));
  if (mst__peek(c) == ':') {
    c->p++;
    if (part->slot < MST__SLOT_DECLARED) return mst__fail_at(c, "this slot has no forms");
    const mst_status st = read_form(b, c, part);
    if (st) return st;
  }
  return mst__take(c, '}', "'}'");
}

static int has_slot(const mst__phrase *phrase, const mst__part *part) {
  for (int i = 0; i < phrase->n_parts; i++)
    if (phrase->part[i].slot == part->slot && phrase->part[i].number == part->number) return 1;
  return 0;
}

static int n_slots(const mst__phrase *phrase) {
  int n = 0;
  for (int i = 0; i < phrase->n_parts; i++) n += phrase->part[i].slot >= 0;
  return n;
}

/* Literal bytes with white space as single spaces, up to a slot or the end of the phrase. */
static mst_status read_literal(mst_rules_builder *b, mst__cursor *c, int quoted, mst__part *part) {
  mst_status st = MST_OK;
  *part = (mst__part){.slot = -1, .text = {(int64_t)b->arena.size_bytes, 0}};
  while (!st) {
    int byte = mst__peek(c);
    if (byte == '\n' || byte == '{' || (quoted && byte == '"')) break;
    if (!quoted && (strchr(stops, byte) || (byte == '-' && c->p + 1 < c->end && c->p[1] == '>')))
      break;
    if (quoted && byte == '\\' && c->p + 1 < c->end && (c->p[1] == '"' || c->p[1] == '\\'))
      byte = *++c->p;
    if (!quoted && byte == '}') return mst__fail_at(c, "'}' without '{'");
    if (byte == 0xf0 && c->end - c->p > 3 && c->p[1] == 0x90 && c->p[2] == 0xa9)
      return mst__fail_at(c, "a letter U+10A40..U+10A7F: it stands for slots inside, "
                             "expected another one");
    const uint8_t out = byte == '\t' ? ' ' : (uint8_t)byte;
    const int twice =
        out == ' ' && part->text.len && b->arena.data[part->text.at + part->text.len - 1] == ' ';
    if (!twice) st = mst_buffer_append(&b->arena, &out, 1);
    part->text.len += !twice;
    c->p++;
  }
  return st;
}

static mst_status read_part(mst_rules_builder *b, mst__cursor *c, int quoted, mst__phrase *phrase) {
  const mst__cursor at = *c;
  mst__part part = {0};
  if (mst__peek(c) != '{') {
    const mst_status st = read_literal(b, c, quoted, &part);
    if (!st && part.text.len) phrase->part[phrase->n_parts++] = part;
    return st;
  }
  const mst_status st = read_slot(b, c, &part);
  if (st) return st;
  if (has_slot(phrase, &part)) return mst__fail_at(&at, "the same slot twice in a phrase");
  if (n_slots(phrase) == MST__MAX_SLOTS)
    return mst__fail_at(&at, "a slot too many, expected at most %d a phrase", MST__MAX_SLOTS);
  phrase->part[phrase->n_parts++] = part;
  return MST_OK;
}

static int phrase_ends(const mst__cursor *c, int quoted) {
  const int byte = mst__peek(c);
  if (byte == '\n') return 1;
  if (quoted) return byte == '"';
  return strchr(stops, byte) || (byte == '-' && c->p + 1 < c->end && c->p[1] == '>');
}

/* Blanks at both ends do not belong to a phrase. */
static void trim(const mst_rules_builder *b, mst__phrase *phrase) {
  mst__part *first = &phrase->part[0];
  if (!phrase->n_parts) return;
  if (first->slot < 0 && b->arena.data[first->text.at] == ' ') {
    first->text.at++;
    first->text.len--;
  }
  mst__part *last = &phrase->part[phrase->n_parts - 1];
  if (last->slot < 0 && last->text.len && b->arena.data[last->text.at + last->text.len - 1] == ' ')
    last->text.len--;
  if (!last->text.len && last->slot < 0) phrase->n_parts--;
}

mst_status mst__phrase_read(mst_rules_builder *b, mst__cursor *c, mst__phrase *out) {
  mst__skip_blanks(c);
  const mst__cursor at = *c;
  const int quoted = mst__peek(c) == '"';
  mst__phrase phrase = {.line = c->line, .column = (int32_t)(c->p - c->line_start) + 1};
  mst_status st = MST_OK;
  if (quoted) c->p++;
  while (!st && !phrase_ends(c, quoted)) st = read_part(b, c, quoted, &phrase);
  if (st) return st;
  if (quoted && mst__peek(c) != '"') return mst__fail_at(&at, "a quote that is not closed");
  if (quoted) c->p++;
  trim(b, &phrase);
  if (!phrase.n_parts)
    return mst__fail_at(&at, "nothing, expected a phrase: nothing can be neither replaced nor a "
                             "replacement");
  *out = phrase;
  return MST_OK;
}
