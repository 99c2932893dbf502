// Package endpoint asks a language model that the user has: any server that speaks OpenAI's chat-completions and
// embeddings calls. It is made to be done without. Texts are masked before they leave; every call has a deadline; a
// breaker stops asking a server that fails; a daily budget of tokens stops asking one that costs; the answer must be one
// of the labels, or it is none. Nothing here belongs on the path of a request: Shadow asks beside it and logs where the
// endpoint and the product disagree, Assist is for jobs and falls back to the product's own answer.
package endpoint
