// Package zhtext reads Chinese complaint and feedback text: how it is meant, what it is about, what is asked for,
// whether somebody is in danger. It works offline, on one core, without cgo; every answer says where it came from
// and shows the characters it rests on, and a language model is an option behind a seam, never a condition.
//
// A Reader is built once and used by any number of goroutines:
//
//	reader, err := zhtext.New(zhtext.Options{})
//	s := reader.Sentiment("师傅上门很快,修得也好")       // satisfied, 0.9…, spans 很快 修得也好
//	f := reader.Extract("洗衣机报E2,第三次坏了,要求退款") // error code, urgency, fault, demand
//	c := reader.Classify("收费不透明", zhtext.AxisContentClass)
//	h := reader.Hazards("插座冒烟了")
//
// The jobs lie in packages of their own:
//
//	normalize  width, traditional to simplified, repeated characters, offsets kept
//	mask       phone and identity numbers, names, addresses made unreadable
//	match      Aho-Corasick over normalised runes
//	dict       the editable dictionaries (YAML) and the division codes
//	extract    findings: error codes, models, parts, faults, money, dates, places, demands, urgency
//	rules      cold-start classification, each answer with its why
//	linear     hashed linear models over character 1-3-grams: train, quantise, calibrate, score
//	lexicon    the sentiment lexicon with negation, degree and contrast
//	learn      label events, promotion of models, the audit sample
//	minhash    near-duplicates
//	hotspot    words that stand out, and bursts
//	endpoint   client of OpenAI-compatible endpoints, off the request path
//	textcmd    the commands `aftersales text …`
//
// All offsets are byte offsets into the text as it was given, at rune boundaries (R228, R229, R230).
package zhtext
