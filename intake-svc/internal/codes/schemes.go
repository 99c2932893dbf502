package codes

import "slices"

// GeneralScheme is the scheme that common figures count in.
const GeneralScheme = "general"

// SchemeLabels are the schemes' names, zh and en.
var SchemeLabels = map[string][2]string{
	"appliance": {"家电维修", "home appliances"}, "laboratory": {"实验设备", "laboratory equipment"}, GeneralScheme: {"通用", "general"},
}

// Schemes are the schemes that content classes belong to, in the order of their first class.
func (t *Table) Schemes() (names []string) {
	for _, c := range t.All() {
		if name := c.Attributes[AttrScheme]; c.Axis == ContentClass && name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// SchemeOf is the scheme of a content class; "" for one that every organisation may use.
func (t *Table) SchemeOf(class string) string {
	c, _ := t.Get(Name(ContentClass, class))
	return c.Attributes[AttrScheme]
}

// Classes are the active content classes of a scheme.
func (t *Table) Classes(scheme string) (classes []string) {
	for _, c := range t.All() {
		if c.Axis == ContentClass && c.Active && c.Attributes[AttrScheme] == scheme {
			classes = append(classes, c.Code)
		}
	}
	return classes
}

// Common is what a content class counts as in common figures: itself in the general scheme, else its attribute; "" for none.
func (t *Table) Common(class string) string {
	c, ok := t.Get(Name(ContentClass, class))
	if !ok {
		return ""
	}
	if c.Attributes[AttrScheme] == GeneralScheme {
		return class
	}
	return c.Attributes[AttrCommon]
}

// Communicative says that a nature asks for contact rather than for a finding (R88-R90).
func (t *Table) Communicative(nature string) bool {
	c, _ := t.Get(Name(Nature, nature))
	return c.Attributes[AttrCommunicative] == "true"
}

// Rank is the place of a code in its axis; 0 for none.
func (t *Table) Rank(axis, code string) int {
	c, _ := t.Get(Name(axis, code))
	return c.Rank
}

// StopsJob says that one of the content classes stops the running job of who is complained about: safety and fraud.
func (t *Table) StopsJob(classes ...string) bool {
	return slices.ContainsFunc(classes, func(class string) bool {
		c, _ := t.Get(Name(ContentClass, class))
		return c.Attributes[AttrStops] == "true"
	})
}
