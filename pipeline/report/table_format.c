/* table_format.c: one table as text, CSV, JSON, Markdown or LaTeX. */
#include "files/json.h"
#include "report/table_internal.h"

#define LIMIT_BYTES ((size_t)1 << 32)

/* How a cell's text is written in a format. width is the column's, for text. */
typedef mst_status cell_fn(mst_buffer *to, const char *text, char align, int64_t width,
                           int is_last);

/* The marks of a line-by-line format. */
typedef struct line_marks {
  const char *begin, *between, *end;
  cell_fn *cell;
} line_marks;

static mst_status put(mst_buffer *to, const char *text) {
  return mst_buffer_append(to, text, strlen(text));
}

/* Text with some characters replaced: escapes holds pairs, the character and what stands for it. */
static mst_status put_escaped(mst_buffer *to, const char *text, const char *const *escapes) {
  mst_status st = MST_OK;
  for (; *text && !st; text++) {
    const char *const *e = escapes;
    while (*e && **e != *text) e += 2;
    st = *e ? put(to, e[1]) : mst_buffer_append(to, text, 1);
  }
  return st;
}

/* Cells. */

static mst_status put_spaces(mst_buffer *to, int64_t n) {
  return n > 0 ? mst_buffer_printf(to, "%*s", (int)n, "") : MST_OK;
}

static mst_status text_cell(mst_buffer *to, const char *text, char align, int64_t width,
                            int is_last) {
  static const char *const breaks[] = {"\n", " ", "\r", " ", "\t", " ", NULL};
  const int64_t spaces = width - mst_display_width(text);
  mst_status st = align == 'l' ? MST_OK : put_spaces(to, spaces);
  if (!st) st = put_escaped(to, text, breaks);
  return st || align != 'l' || is_last ? st : put_spaces(to, spaces);
}

static mst_status csv_cell(mst_buffer *to, const char *text, char align, int64_t width,
                           int is_last) {
  static const char *const quotes[] = {"\"", "\"\"", NULL};
  (void)align, (void)width, (void)is_last;
  if (!strpbrk(text, ",\"\r\n")) return put(to, text);
  mst_status st = put(to, "\"");
  if (!st) st = put_escaped(to, text, quotes);
  return st ? st : put(to, "\"");
}

static mst_status markdown_cell(mst_buffer *to, const char *text, char align, int64_t width,
                                int is_last) {
  static const char *const escapes[] = {"|", "\\|", "\n", "<br>", "\r", "",    "<", "&lt;",
                                        "*", "\\*", "_",  "\\_",  "`",  "\\`", NULL};
  (void)align, (void)width, (void)is_last;
  return put_escaped(to, text, escapes);
}

static mst_status latex_cell(mst_buffer *to, const char *text, char align, int64_t width,
                             int is_last) {
  static const char *const escapes[] = {"&",  "\\&",
                                        "%",  "\\%",
                                        "$",  "\\$",
                                        "#",  "\\#",
                                        "_",  "\\_",
                                        "{",  "\\{",
                                        "}",  "\\}",
                                        "~",  "\\textasciitilde{}",
                                        "^",  "\\textasciicircum{}",
                                        "\\", "\\textbackslash{}",
                                        "<",  "\\textless{}",
                                        ">",  "\\textgreater{}",
                                        "\n", " ",
                                        NULL};
  (void)align, (void)width, (void)is_last;
  return put_escaped(to, text, escapes);
}

/* Lines. */

/* Write a row of n_columns strings from text on (missing ones are empty); *text moves on. */
static mst_status put_row(mst_buffer *to, const mst_table *t, const line_marks *marks,
                          const int64_t *width, const char **text, int64_t n_left) {
  mst_status st = put(to, marks->begin);
  for (int64_t c = 0; c < t->n_columns && !st; c++) {
    const int is_last = c == t->n_columns - 1;
    if (c) st = put(to, marks->between);
    if (!st)
      st =
          marks->cell(to, c < n_left ? *text : "", mst__align(t)[c], width ? width[c] : 0, is_last);
    if (c < n_left) *text = mst__next(*text);
  }
  return st ? st : put(to, marks->end);
}

/* Take the spaces before the last line break away. */
static void strip_end(mst_buffer *to) {
  while (to->size_bytes > 1 && to->data[to->size_bytes - 2] == ' ') to->size_bytes--;
  to->data[to->size_bytes - 1] = '\n';
}

static mst_status put_header(mst_buffer *to, const mst_table *t, const line_marks *marks,
                             const int64_t *width) {
  const char *text = mst__first(&t->columns);
  return put_row(to, t, marks, width, &text, t->n_columns);
}

static mst_status put_rows(mst_buffer *to, const mst_table *t, const line_marks *marks,
                           const int64_t *width) {
  const char *text = mst__first(&t->cells);
  mst_status st = MST_OK;
  for (int64_t i = 0; i < t->cells.n && !st; i += t->n_columns) {
    st = put_row(to, t, marks, width, &text, t->cells.n - i);
    if (!st && width) strip_end(to);
  }
  return st;
}

static mst_status put_notes(mst_buffer *to, const mst_table *t, const char *begin, cell_fn *cell) {
  const char *note = mst__first(&t->notes);
  mst_status st = MST_OK;
  for (int64_t i = 0; i < t->notes.n && !st; i++, note = mst__next(note)) {
    st = put(to, begin);
    if (!st) st = cell(to, note, 'l', 0, 1);
    if (!st) st = put(to, "\n");
  }
  return st;
}

/* Formats. */

static void measure(const mst_table *t, int64_t *width) {
  const char *text = mst__first(&t->columns);
  for (int64_t c = 0; c < t->n_columns; c++, text = mst__next(text))
    width[c] = mst_display_width(text);
  text = mst__first(&t->cells);
  for (int64_t i = 0; i < t->cells.n; i++, text = mst__next(text)) {
    const int64_t w = mst_display_width(text);
    if (w > width[i % t->n_columns]) width[i % t->n_columns] = w;
  }
}

static mst_status render_text(const mst_table *t, mst_buffer *to) {
  const line_marks marks = {"", "  ", "\n", text_cell};
  int64_t *width = mst_alloc((size_t)t->n_columns, sizeof *width);
  if (!width) return MST_E_NOMEM;
  measure(t, width);
  mst_status st = MST_OK;
  if (mst__title(t)) st = mst_buffer_printf(to, "%s\n", mst__title(t));
  if (!st) st = put_header(to, t, &marks, width);
  for (int64_t c = 0; c < t->n_columns && !st; c++) {
    if (c) st = put(to, "  ");
    for (int64_t i = 0; i < width[c] && !st; i++) st = put(to, "-");
  }
  if (!st) st = put(to, "\n");
  if (!st) st = put_rows(to, t, &marks, width);
  if (!st) st = put_notes(to, t, "", text_cell);
  mst_free(width);
  return st;
}

static mst_status render_csv(const mst_table *t, mst_buffer *to) {
  const line_marks marks = {"", ",", "\n", csv_cell};
  const mst_status st = put_header(to, t, &marks, NULL);
  return st ? st : put_rows(to, t, &marks, NULL);
}

static mst_status render_markdown(const mst_table *t, mst_buffer *to) {
  const line_marks marks = {"| ", " | ", " |\n", markdown_cell};
  mst_status st = MST_OK;
  if (mst__title(t)) st = mst_buffer_printf(to, "**%s**\n\n", mst__title(t));
  if (!st) st = put_header(to, t, &marks, NULL);
  for (const char *align = mst__align(t); *align && !st; align++)
    st = put(to, *align == 'l' ? "| :--- " : "| ---: ");
  if (!st) st = put(to, "|\n");
  if (!st) st = put_rows(to, t, &marks, NULL);
  return st ? st : put_notes(to, t, "\n", markdown_cell);
}

static mst_status render_latex(const mst_table *t, mst_buffer *to) {
  const line_marks marks = {"", " & ", " \\\\\n", latex_cell};
  mst_status st = put(to, "\\begin{table}\n\\centering\n");
  if (!st && mst__title(t)) {
    st = put(to, "\\caption{");
    if (!st) st = latex_cell(to, mst__title(t), 'l', 0, 1);
    if (!st) st = put(to, "}\n");
  }
  if (!st) st = put(to, "\\begin{tabular}{");
  for (const char *align = mst__align(t); *align && !st; align++)
    st = put(to, *align == 'l' ? "l" : "r");
  if (!st) st = put(to, "}\n\\toprule\n");
  if (!st) st = put_header(to, t, &marks, NULL);
  if (!st) st = put(to, "\\midrule\n");
  if (!st) st = put_rows(to, t, &marks, NULL);
  if (!st) st = put(to, "\\bottomrule\n\\end{tabular}\n");
  if (!st) st = put_notes(to, t, "\\par\\small ", latex_cell);
  return st ? st : put(to, "\\end{table}\n");
}

/* A cell as a JSON value: a number column holds numbers where the text is one. */
static mst_json *cell_json(const char *text, char align) {
  mst_json *value = NULL;
  const mst_status st = align == 'n' ? mst_json_parse(text, strlen(text), &value) : MST_E_FORMAT;
  if (st == MST_E_NOMEM) return NULL;
  const mst_json_kind kind = value ? mst_json_kind_of(value) : MST_JSON_NULL;
  if (kind == MST_JSON_INT || kind == MST_JSON_REAL) return value;
  mst_json_free(value);
  return align == 'n' && !*text ? mst_json_new_null() : mst_json_new_string(text);
}

static mst_json *row_json(const mst_table *t, const char **text, int64_t n_left) {
  mst_json *object = mst_json_new_object();
  const char *name = mst__first(&t->columns);
  mst_status st = object ? MST_OK : MST_E_NOMEM;
  for (int64_t c = 0; c < t->n_columns && c < n_left && !st; c++) {
    st = mst_json_set(object, name, cell_json(*text, mst__align(t)[c]));
    *text = mst__next(*text);
    name = mst__next(name);
  }
  if (!st) return object;
  mst_json_free(object);
  return NULL;
}

static mst_status render_json(const mst_table *t, char **out) {
  mst_json *rows = mst_json_new_array();
  mst_status st = rows ? MST_OK : MST_E_NOMEM;
  const char *text = mst__first(&t->cells);
  for (int64_t i = 0; i < t->cells.n && !st; i += t->n_columns)
    st = mst_json_append(rows, row_json(t, &text, t->cells.n - i));
  if (!st) st = mst_json_dump(rows, 2, out, NULL);
  mst_json_free(rows);
  return st;
}

mst_status mst_table_render(const mst_table *table, mst_table_format format, char **out) {
  if (format == MST_TABLE_JSON) return render_json(table, out);
  mst_buffer to;
  mst_buffer_init(&to, LIMIT_BYTES, "a rendered table");
  mst_status st = MST_OK;
  if (format == MST_TABLE_TEXT) st = render_text(table, &to);
  else if (format == MST_TABLE_CSV) st = render_csv(table, &to);
  else if (format == MST_TABLE_MARKDOWN) st = render_markdown(table, &to);
  else st = render_latex(table, &to);
  if (!st) st = mst_buffer_append(&to, "", 1);
  if (st) mst_buffer_fini(&to);
  else *out = (char *)to.data;
  return st;
}
