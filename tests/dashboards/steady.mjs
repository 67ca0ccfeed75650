// Panels that look the same in an incident as before it, each with the reason.
export const STEADY = {
  'fleet-backups: Size of the last backup': 'grows with what is backed up',
  'fleet-backups: Backups kept': 'changes by days, an incident lasts minutes',
  'fleet-backups: Since the last attempt': 'attempts go on, and the panel shows that they do',
  'fleet-capacity: Executions of the last hour by sandbox type': 'shares of an hour',
  'fleet-errors: Queries per second': 'callers go on asking, whatever comes back',
  'fleet-errors: Database size': 'grows with what is stored',
  'fleet-errors: Rate limit window ends': 'runs by the clock',
  'fleet-events: Size of events': 'what an event says does not depend on trouble',
  'fleet-events: Rows stored': 'grows with what is stored',
  'fleet-events: Oldest event kept': 'changes by days, an incident lasts minutes',
  'fleet-exporter: Exporters': 'of an exporter that is down there are no other data here, either',
  'fleet-exporter: Since the last reload': 'nobody reloads the configuration in the history',
  'fleet-exporter: Configuration': 'nobody reloads the configuration in the history',
  'fleet-exporter: Label values folded': 'changes with what senders put into labels only',
  'fleet-exporter: HTTP requests': 'Prometheus goes on scraping',
  'fleet-exporter: Series refused and forgotten': 'the history stays below the limits',
  'fleet-exporter: Size of the store': 'grows with what is stored',
  'fleet-exporter: Since the last write': 'in the history one write of many fails, never all',
  'fleet-exporter: Requests in flight': 'the history has one client, one request at a time',
  'fleet-exporter: Build': 'a version, not a state',
  'fleet-sandboxes: Sandbox hours of the last day': 'a sum over a day',
  'fleet-tasks: Impossible changes of state': 'changes with senders that are wrong only',
};
// Panels that may react or not, each with the reason.
export const EITHER = {
  'fleet-slo: Objectives met': 'three hours of a period of 30 days: some objectives may be missed before the incidents begin',
  'fleet-slo: Lowest budget left': 'the lowest of all may be spent before the incidents begin: see the detail of one objective',
};
