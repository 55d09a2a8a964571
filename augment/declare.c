/* declare.c: reads the declaration of a slot: "{op}: addition (gerund: adding), ...". */
#include "internal.h"

/* Number of a form's name, added if it is new; -1: no memory. */
static int64_t form_index(mst_rules_builder *b, mst__declared *d, mst_slice name) {
  for (int64_t f = 1; f < d->forms.n; f++)
    if (mst__arena_is(b, *MST__AT(d->forms, mst__str, f), name)) return f;
  mst__str copy;
  if (mst__arena_add(b, name.ptr, name.len, &copy)) return -1;
  mst__str *form = mst__list_add(&d->forms, sizeof *form);
  if (!form) return -1;
  *form = copy;
  return d->forms.n - 1;
}

/* One value while it is read: its own text and its forms. */
typedef struct value {
  mst__str form[16];
} value;

static mst_status read_form(mst_rules_builder *b, mst__cursor *c, mst__declared *d, value *v) {
  mst__skip_blanks(c);
  const mst__cursor at = *c;
  const mst_slice name = mst__take_name(c);
  if (!name.len) return mst__fail_at(&at, "expected the name of a form, as in (gerund: adding)");
  mst__skip_blanks(c);
  mst_status st = mst__take(c, ':', "':' behind the name of a form");
  if (st) return st;
  const mst_slice text = mst__take_text(c, ",()[]{}\"#\\");
  if (!text.len) return mst__fail_at(c, "nothing, expected the text of the form");
  const int64_t f = form_index(b, d, name);
  if (f < 0) return MST_E_NOMEM;
  if (f >= 16) return mst__fail_at(&at, "a form too many, expected at most 15");
  if (v->form[f].len)
    return mst__fail_at(&at, "the form '%.*s' twice", (int)name.len, (const char *)name.ptr);
  return mst__arena_add(b, text.ptr, text.len, &v->form[f]);
}

static mst_status read_forms(mst_rules_builder *b, mst__cursor *c, mst__declared *d, value *v) {
  mst_status st = MST_OK;
  do {
    c->p++;
    st = read_form(b, c, d, v);
  } while (!st && mst__peek(c) == ',');
  if (!st) st = mst__take(c, ')', "',' or ')'");
  mst__skip_blanks(c);
  return st;
}

static mst_status read_value(mst_rules_builder *b, mst__cursor *c, mst__declared *d,
                             mst__list *values) {
  value v = {0};
  mst__skip_blanks(c);
  const mst__cursor at = *c;
  const mst_slice text = mst__take_text(c, ",()[]{}\"#\\=<>");
  if (!text.len) return mst__fail_at(&at, "nothing, expected a value of the slot");
  mst_status st = mst__arena_add(b, text.ptr, text.len, &v.form[0]);
  mst__skip_blanks(c);
  if (!st && mst__peek(c) == '(') st = read_forms(b, c, d, &v);
  if (st) return st;
  value *stored = mst__list_add(values, sizeof *stored);
  if (!stored) return MST_E_NOMEM;
  *stored = v;
  return MST_OK;
}

/* Rows of 16 into rows of as many forms as there are. */
static mst_status store_values(mst__declared *d, const mst__list *values) {
  for (int64_t v = 0; v < values->n; v++) {
    for (int64_t f = 0; f < d->forms.n; f++) {
      mst__str *s = mst__list_add(&d->values, sizeof *s);
      if (!s) return MST_E_NOMEM;
      *s = MST__AT(*values, value, v)->form[f];
    }
  }
  d->n_values = (int32_t)values->n;
  return MST_OK;
}

static mst_status read_values(mst_rules_builder *b, mst__cursor *c, mst__declared *d) {
  mst__list values = {0};
  mst_status st = MST_OK;
  while (!st) {
    st = read_value(b, c, d, &values);
    if (st || mst__peek(c) != ',') break;
    c->p++;
  }
  if (!st && mst__peek(c) != '\n') st = mst__take(c, '\n', "',' or the end of the line");
  if (!st) st = store_values(d, &values);
  mst__list_fini(&values);
  return st;
}

/* Names of slots that are matched cannot be declared. */
static int is_taken(const mst_rules_builder *b, mst_slice name) {
  static const char *const kinds[] = {"n", "many", "w", "expr"};
  for (int k = 0; k < 4; k++) {
    int64_t i = 0;
    while (kinds[k][i] && i < name.len && name.ptr[i] == (uint8_t)kinds[k][i]) i++;
    if (kinds[k][i]) continue;
    if (i == name.len || (i + 1 == name.len && name.ptr[i] >= '0' && name.ptr[i] <= '9')) return 1;
  }
  for (int64_t i = 0; i + 1 < b->declared.n; i++)
    if (mst__arena_is(b, MST__AT(b->declared, mst__declared, i)->name, name)) return 1;
  return 0;
}

mst_status mst__declaration_read(mst_rules_builder *b, mst__cursor *c) {
  mst__declared *d = mst__list_add(&b->declared, sizeof *d);
  if (!d) return MST_E_NOMEM;
  *d = (mst__declared){0};
  mst__str *base = mst__list_add(&d->forms, sizeof *base);
  if (!base) return MST_E_NOMEM;
  *base = (mst__str){0};
  c->p++;
  const mst__cursor at = *c;
  const mst_slice name = mst__take_name(c);
  if (!name.len || is_taken(b, name))
    return mst__fail_at(&at, "'%.*s', expected a new name for a slot", (int)name.len,
                        (const char *)name.ptr);
  mst_status st = mst__arena_add(b, name.ptr, name.len, &d->name);
  if (!st) st = mst__take(c, '}', "'}'");
  if (!st) {
    mst__skip_blanks(c);
    st = mst__take(c, ':', "':' and the values of the slot");
  }
  return st ? st : read_values(b, c, d);
}
