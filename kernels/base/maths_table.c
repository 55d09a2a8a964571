/* maths_table.c: tables of the maths analyzer. Few enough to be searched from the front. */
#include "base/maths_table.h"

#include <string.h>

typedef struct sign {
  int32_t cp;
  const char *written;
} sign;

typedef struct name {
  const char *name;
  const char *written;
} name;

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define SQUARED "\xc2\xb2"
#define CUBED "\xc2\xb3"

static const sign signs[] = {
    {'+', "+"},     {'-', "-"},     {'*', "*"},     {'/', "/"},     {'=', "="},     {'<', "<"},
    {'>', ">"},     {'%', "%"},     {'^', "^"},     {0xd7, "*"},    {0xf7, "/"},    {0xb7, "*"},
    {0x2212, "-"},  {0x2264, "<="}, {0x2265, ">="}, {0x2260, "!="}, {0x22c5, "*"},  {0x2217, "*"},
    {0x2715, "*"},  {0x2044, "/"},  {0x2215, "/"},  {0x2266, "<="}, {0x2267, ">="}, {0x2a7d, "<="},
    {0x2a7e, ">="}, {0xfe63, "-"},  {0xff0b, "+"},  {0xff0d, "-"},  {0xff0a, "*"},  {0xff0f, "/"},
    {0xff1d, "="},  {0xff1c, "<"},  {0xff1e, ">"},  {0xff05, "%"},  {0xff3e, "^"}};

static const name commands[] = {{"times", "*"}, {"cdot", "*"}, {"div", "/"},  {"le", "<="},
                                {"leq", "<="},  {"ge", ">="},  {"geq", ">="}, {"ne", "!="},
                                {"neq", "!="},  {"lt", "<"},   {"gt", ">"}};

static const char *const layout[] = {
    "left",  "right", "text",   "mathrm", "mathbf",       "mathit",    "quad",
    "qquad", "big",   "bigl",   "bigr",   "begin",        "end",       "frac",
    "dfrac", "tfrac", "limits", "dots",   "displaystyle", "textstyle", "operatorname"};

static const sign vulgars[] = {{0xbc, "1/4"},   {0xbd, "1/2"},    {0xbe, "3/4"},   {0x2150, "1/7"},
                               {0x2151, "1/9"}, {0x2152, "1/10"}, {0x2153, "1/3"}, {0x2154, "2/3"},
                               {0x2155, "1/5"}, {0x2156, "2/5"},  {0x2157, "3/5"}, {0x2158, "4/5"},
                               {0x2159, "1/6"}, {0x215a, "5/6"},  {0x215b, "1/8"}, {0x215c, "3/8"},
                               {0x215d, "5/8"}, {0x215e, "7/8"},  {0x2189, "0/3"}};

/* Units in letters by their first one; * behind those that may carry a power. */
static const char *const units[26] = {
    ['c' - 'a'] = "cm* cc cl cent cents",
    ['d' - 'a'] = "dm* dl dL day days dollar dollars degree degrees",
    ['f' - 'a'] = "ft* foot* feet*",
    ['g' - 'a'] = "g",
    ['h' - 'a'] = "h hr hrs ha hour hours",
    ['i' - 'a'] = "in* inch* inches*",
    ['k' - 'a'] = "km* kg kl kL kph",
    ['l' - 'a'] = "l L lb lbs",
    ['m' - 'a'] = "m* mm* mi* mile* miles* mg ml mL ms min mph minute minutes month months",
    ['o' - 'a'] = "oz",
    ['p' - 'a'] = "percent",
    ['s' - 'a'] = "s sec second seconds",
    ['t' - 'a'] = "t",
    ['w' - 'a'] = "won week weeks",
    ['y' - 'a'] = "yd* year years"};

/* Korean units and counters; the longest one that fits wins. */
static const char *const korean[] = {
    "\xec\x9b\x90",                                     /* U+C6D0 won */
    "\xea\xb0\x9c",                                     /* gae */
    "\xea\xb0\x9c\xec\x9b\x94",                         /* gaewol */
    "\xea\xb0\x9c\xeb\x85\x84",                         /* gaenyeon */
    "\xeb\xaa\x85",                                     /* myeong */
    "\xeb\xa7\x88\xeb\xa6\xac",                         /* mari */
    "\xec\x9e\xa5",                                     /* jang */
    "\xea\xb6\x8c",                                     /* gwon */
    "\xeb\xb2\x88",                                     /* beon */
    "\xec\x82\xb4",                                     /* sal */
    "\xec\x9b\x94",                                     /* wol */
    "\xec\x9d\xbc",                                     /* il */
    "\xeb\x85\x84",                                     /* nyeon */
    "\xec\x8b\x9c\xea\xb0\x84",                         /* sigan */
    "\xec\x8b\x9c",                                     /* si */
    "\xeb\xb6\x84",                                     /* bun */
    "\xec\xb4\x88",                                     /* cho */
    "\xeb\xaf\xb8\xed\x84\xb0",                         /* miteo */
    "\xec\x84\xbc\xed\x8b\xb0\xeb\xaf\xb8\xed\x84\xb0", /* sentimiteo */
    "\xed\x82\xac\xeb\xa1\x9c\xeb\xaf\xb8\xed\x84\xb0", /* killomiteo */
    "\xea\xb7\xb8\xeb\x9e\xa8",                         /* geuraem */
    "\xed\x82\xac\xeb\xa1\x9c\xea\xb7\xb8\xeb\x9e\xa8", /* killogeuraem */
    "\xeb\xa6\xac\xed\x84\xb0",                         /* riteo */
    "\xeb\xb0\x80\xeb\xa6\xac\xeb\xa6\xac\xed\x84\xb0", /* milliriteo */
    "\xeb\x8f\x84",                                     /* do */
    "\xed\x8d\xbc\xec\x84\xbc\xed\x8a\xb8",             /* peosenteu */
    "\xeb\x8c\x80",                                     /* dae */
    "\xec\x9e\x90\xeb\xa3\xa8",                         /* jaru */
    "\xec\x83\x81\xec\x9e\x90",                         /* sangja */
    "\xeb\xb3\x91",                                     /* byeong */
    "\xec\xbb\xb5",                                     /* keop */
    "\xec\xa1\xb0\xea\xb0\x81",                         /* jogak */
    "\xeb\xb0\xb0"};                                    /* bae */

static const sign unit_signs[] = {
    {0xb0, "\xc2\xb0"},     {0x2103, "\xe2\x84\x83"}, {0x2109, "\xe2\x84\x89"},
    {0x338e, "mg"},         {0x338f, "kg"},           {0x3395, "ul"},
    {0x3396, "ml"},         {0x3397, "dl"},           {0x3398, "kl"},
    {0x339c, "mm"},         {0x339d, "cm"},           {0x339e, "km"},
    {0x339f, "mm" SQUARED}, {0x33a0, "cm" SQUARED},   {0x33a1, "m" SQUARED},
    {0x33a2, "km" SQUARED}, {0x33a3, "mm" CUBED},     {0x33a4, "cm" CUBED},
    {0x33a5, "m" CUBED},    {0x33a6, "km" CUBED},     {0x33c4, "cc"}};

static const char *find_sign(const sign *table, size_t n, int32_t cp) {
  for (size_t i = 0; i < n; i++)
    if (table[i].cp == cp) return table[i].written;
  return NULL;
}

static int equals(mst_slice s, const char *word) {
  if (!s.len || s.ptr[0] != (uint8_t)*word) return 0; /* most words differ here already */
  return (int64_t)strlen(word) == s.len && memcmp(s.ptr, word, (size_t)s.len) == 0;
}

static int is_listed(const char *const *table, size_t n, mst_slice s) {
  for (size_t i = 0; i < n; i++)
    if (equals(s, table[i])) return 1;
  return 0;
}

const char *mst__maths_sign(int32_t cp) {
  /* Most characters are ASCII, and few of it are signs: the table is not searched for the rest. */
  static const uint8_t is_sign[128] = {['+'] = 1, ['-'] = 1, ['*'] = 1, ['/'] = 1, ['='] = 1,
                                       ['<'] = 1, ['>'] = 1, ['%'] = 1, ['^'] = 1};
  if (cp < 0x80 && (cp < 0 || !is_sign[cp])) return NULL;
  return find_sign(signs, COUNT(signs), cp);
}

const char *mst__maths_vulgar(int32_t cp) { return find_sign(vulgars, COUNT(vulgars), cp); }

const char *mst__maths_unit_sign(int32_t cp) {
  return find_sign(unit_signs, COUNT(unit_signs), cp);
}

const char *mst__maths_command(mst_slice s) {
  for (size_t i = 0; i < COUNT(commands); i++)
    if (equals(s, commands[i].name)) return commands[i].written;
  return NULL;
}

int mst__maths_is_layout(mst_slice s) { return is_listed(layout, COUNT(layout), s); }

int mst__maths_superscript(int32_t cp) {
  if (cp == 0xb9) return 1;
  if (cp == 0xb2 || cp == 0xb3) return cp - 0xb0;
  return cp == 0x2070 || (cp >= 0x2074 && cp <= 0x2079) ? cp - 0x2070 : -1;
}

int mst__maths_is_unit(mst_slice run, int *is_length) {
  const int first = run.len ? run.ptr[0] | 0x20 : 0;
  *is_length = 0;
  if (first < 'a' || first > 'z') return equals(run, "\xe2\x84\x93"); /* U+2113 */
  for (const char *p = units[first - 'a']; p && *p;) {
    int64_t n = 0;
    while (p[n] >= 'A') n++;
    if (n == run.len && !memcmp(run.ptr, p, (size_t)n)) {
      *is_length = p[n] == '*';
      return 1;
    }
    for (p += n; *p && *p < 'A'; p++) continue;
  }
  return 0;
}

int64_t mst__maths_korean_unit(mst_slice run) {
  int64_t best = 0;
  if (!run.len || run.ptr[0] < 0xea) return 0; /* Hangul syllables begin with 0xea .. 0xed */
  for (size_t i = 0; i < COUNT(korean); i++) {
    const int64_t n = (int64_t)strlen(korean[i]);
    if (n > best && n <= run.len && memcmp(run.ptr, korean[i], (size_t)n) == 0) best = n;
  }
  return best;
}
