/* page.h: the fixed parts of the HTML page of a sweep: look and behaviour, no network.
 *
 * In: nothing. Out: text between which export_html.c puts title, summary and table.
 */
#ifndef MISSTEP_SWEEP_PAGE_H
#define MISSTEP_SWEEP_PAGE_H

extern const char sweep_page_style[];  /* from <!doctype html> into <head>, open */
extern const char sweep_page_script[]; /* the script and the end of the page */

#endif
