/* shipped.c: rule sets that come with the program, by name. */
#include "shipped.h"

#include <stdio.h>
#include <string.h>

#include "internal.h"

int mst_rules_shipped_n(void) {
  int n = 0;
  while (mst__shipped_files[n].name) n++;
  return n;
}

const char *mst_rules_shipped_name(int i) { return mst__shipped_files[i].name; }

mst_slice mst_rules_shipped_text(int i) {
  return (mst_slice){mst__shipped_files[i].bytes, mst__shipped_files[i].n};
}

/* "elementary-maths" means elementary-maths.en, elementary-maths.ko, ... */
static int is_meant(const char *file, const char *name) {
  const size_t n = strlen(name);
  return !strncmp(file, name, n) && (!file[n] || file[n] == '.');
}

mst_status mst_rules_builder_add_shipped(mst_rules_builder *b, const char *name) {
  char known[512] = "";
  int found = 0;
  mst_status st = MST_OK;
  for (const mst__shipped *f = mst__shipped_files; !st && f->name; f++) {
    const size_t used = strlen(known);
    (void)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", f->name);
    if (!is_meant(f->name, name)) continue;
    found = 1;
    st = mst__file_read(b, f->name, f->bytes, f->n); /* that these are right is for the tests */
  }
  if (!st && !found)
    st = MST_FAIL(MST_E_ARG, "no rules called '%s' come with misstep, expected one of: %s", name,
                  known);
  return st;
}
