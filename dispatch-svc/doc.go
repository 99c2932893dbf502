// Package dispatch is the dispatch service: work orders from creation to the customer's confirmation, engineers, parts
// (architecture.md section 3; the states are drawn in internal/workorder).
//
// What it promises to others:
//   - CreateWorkOrder with the same (case, solution, round, purpose) is the same order, unless the first was cancelled.
//   - Every change of a work order is one transaction and one event to intake and gateway (WorkOrderChanged), numbered from 1 without
//     gaps per case. Its open_work_orders is exact at that change: 0 means that nothing of the case is left to do. An order is open
//     until CONFIRMED or CANCELLED, or DONE with outcome FEE_REFUSED, which sends the case back for another solution.
//   - ExportCase gives all orders of a case and the sequence of the last event that they contain.
//   - An order has one engineer at a time, whatever happens at once.
//   - An engineer is not promised to two doors at the same time, unless a dispatcher forced it: that is recorded.
//   - An offer to a provider ends by itself at its deadline; what is not released to a provider does not exist for it.
//   - Personal data is sealed at rest and masked except to those in relation to the order.
//   - Goods that come in are set aside for the orders that wait for them, the earliest promise first; an order that misses nothing any more
//     books itself with its engineer, at least twelve hours ahead. An order that ends gives back what it did not use.
//   - An engineer who is kept away from a household is not suggested for it and cannot be assigned, whichever of its orders it is.
//
// Not built yet, and absent: NO_SHOW; reservation of parts before somebody waits for them; changing engineers
// through the API; lifting an exclusion.
package dispatch
