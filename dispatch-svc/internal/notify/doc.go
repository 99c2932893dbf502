// Package notify brings acceptance codes to customers: the code is made by `:complete`, goes to the customer only, and is sealed in a
// row until a driver has taken it. Attempts are repeated with growing pauses until the code expires.
package notify
