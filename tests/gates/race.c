/* race.c: a data race on purpose. ThreadSanitizer must end this program with a failure; where it
 * does not, it does not see our OpenMP code, and its silence about the tests means nothing. */
#include <stdio.h>

int main(void) {
  long sum = 0;
#pragma omp parallel for num_threads(4)
  for (long i = 0; i < 100000; i++) sum += i;
  printf("%ld\n", sum);
  return 0;
}
