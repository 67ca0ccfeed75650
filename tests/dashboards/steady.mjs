// Panels that look the same in an incident as before it, each with the reason.
export const STEADY = {
  'fleet-exporter: Build': 'a version, not a state',
  'fleet-slo: Coverage': 'grows by the clock; an incident hides nothing of what is measured',
  'fleet-slo: Objective and reached': 'the objective is a constant, and a share of good events falls by parts of a percent: the budget beside it says what they mean',
};
