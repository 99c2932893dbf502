package casefile

// FlagWaitingForPart says that a work order waits for a part. It pauses no promise: that is our business, not the customer's.
const FlagWaitingForPart = "WAITING_FOR_PART"

// Notices about parts.
const (
	NoticePartAwaited = "PART_AWAITED" // first, and at each slip
	NoticePartArrived = "PART_ARRIVED" // with the appointment that booked itself
)

// waitsForPart tells the customer that a part is missing, of each slip of its date, and when it is there.
func (s *step) waitsForPart(in OrderStep) {
	waiting := in.State == "WAITING_PART"
	switch {
	case waiting && (!s.Flagged(FlagWaitingForPart) || in.Entry.Facts["slip"] != ""):
		s.change.Quiet = false
		s.flag(FlagWaitingForPart, in.WorkOrder, s.At)
		s.task(Task{Kind: TaskDeliverNotice, Notice: NoticePartAwaited, Reason: in.Entry.Facts["promised"], Instruction: in.Entry.Measures})
	case !waiting && s.partFlag() == in.WorkOrder:
		s.change.Quiet = false
		s.unflag(FlagWaitingForPart)
		if in.Entry.Facts["partArrived"] != "" {
			s.task(Task{Kind: TaskDeliverNotice, Notice: NoticePartArrived, NotBefore: in.From})
		}
	}
}

// partFlag is the work order that waits.
func (c *Case) partFlag() string {
	for _, f := range c.Flags {
		if f.Code == FlagWaitingForPart {
			return f.Reason
		}
	}
	return ""
}
