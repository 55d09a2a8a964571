/* number.h: a real number as text, with a point in every locale. */
#ifndef MISSTEP_NUMBER_H
#define MISSTEP_NUMBER_H

/* Room for any number written here. */
#define MST__REAL_BYTES 48

/* Write a finite number with so many significant digits: 9 give every float32's bits back, 17 every
 * float64's. */
void mst__real_text(char text[MST__REAL_BYTES], double value, int digits);

/* The shortest of 15, 16 or 17 digits that reads back as the same bits. */
void mst__real_shortest(char text[MST__REAL_BYTES], double value);

#endif
