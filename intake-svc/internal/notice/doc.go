// Package notice prints the written decision of a case (R114), upheld or not, in Chinese or English: as HTML made to be printed, and as
// PDF where a font with Chinese characters is installed. It knows no cases: a Letter is what is to be read.
package notice
