/* parameter.h: a name=value pair that is handed to a boosting library as it is (--xgb,
 * --lightgbm). */
#ifndef MISSTEP_PARAMETER_H
#define MISSTEP_PARAMETER_H

typedef struct mst_parameter {
  const char *name;
  const char *value;
} mst_parameter;

#endif
