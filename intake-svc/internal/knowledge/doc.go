// Package knowledge is the knowledge base: typical cases and their solutions for all staff (R214).
//
//	           submit              publish
//	DRAFT -------------> IN_REVIEW ---------> PUBLISHED
//	 ^ |^  <-------------    |                  |  |
//	 | ||       return                          |  | retire
//	 | |+------------ update -------------------+  v
//	 | +------------- retire ------------------> RETIRED
//	 +--------------- update -----------------------+
//
// Every update is a version; what is published stays readable until the next version is. Nobody publishes what they wrote. A text
// holds no personal data: Stripper takes out what platform/zhtext/mask finds in any text, and what the case knows of its persons.
package knowledge
