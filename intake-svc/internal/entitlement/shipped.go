package entitlement

// ShippedRules are the rows that an installation begins with; it may retire them and add its own. They follow the custom of household
// appliances: a year for the machine, three for main parts.
func ShippedRules() []Rule {
	return []Rule{
		{Name: "shipped-whole", Months: 12, Start: StartPurchase, Paused: true, Restarted: true},
		{Name: "shipped-main", Part: "MAIN_PART", Months: 36, Start: StartPurchase, Paused: true, Restarted: true},
		{Name: "shipped-compressor", Part: "COMPRESSOR", Months: 36, Start: StartPurchase, Paused: true, Restarted: true},
		{Name: "shipped-motor", Part: "MOTOR", Months: 36, Start: StartPurchase, Paused: true, Restarted: true},
	}
}

// ShippedPolicies are the return and exchange policies that an installation begins with: 7, 15, 30 and 90 days, and two repairs.
// The 90 days are those of a repair that waits for its part.
func ShippedPolicies() []Policy {
	return []Policy{
		{Name: "shipped-7", Remedy: "RETURN_REFUND", Condition: DaysSinceStart, Limit: 7},
		{Name: "shipped-15", Remedy: "EXCHANGE", Condition: DaysSinceStart, Limit: 15},
		{Name: "shipped-30", Remedy: "EXCHANGE", Condition: DaysInRepair, Limit: 30},
		{Name: "shipped-90", Remedy: "RETURN_REFUND", Condition: DaysInRepair, Limit: 90},
		{Name: "shipped-repairs", Remedy: "EXCHANGE", Condition: Repairs, Limit: 2},
	}
}
