/* forest_internal.h: the trees' arrays, shared by reading and walking them. */
#ifndef MISSTEP_FOREST_INTERNAL_H
#define MISSTEP_FOREST_INTERNAL_H

#include <stdint.h>

/* A split: left where the feature is below, or absent and default_left. A leaf: feature -1, its
 * value in split. */
typedef struct mst__node {
  float split;
  int32_t feature;
  int32_t left, right; /* numbers of nodes */
  int32_t default_left;
} mst__node;

struct mst__forest {
  int32_t n_classes, n_trees;
  int64_t n_features;
  mst__node *node;     /* all trees, one after the other */
  int64_t *root;       /* [n_trees + 1] */
  int32_t *class_of;   /* [n_trees] whose margin the tree adds to */
  float *default_leaf; /* [n_trees] where a row without features ends */
  float *base;         /* [n_classes] where no margin is given */
  int64_t *tree_ptr;   /* [n_features + 2], the last is scratch */
  int32_t *tree;       /* trees whose default path asks for v: tree[tree_ptr[v] .. tree_ptr[v+1]) */
};

#endif
