// The write-ahead log of an SQLite database, looked at before SQLite does.
#pragma once

#include <string>

namespace fleet {

// SQLite takes the first frame with a wrong checksum for the end of the log, which after a power cut it is:
// the last transaction may be half written. A sector that went bad later makes it drop, silently, everything
// behind. True when that would happen: two transactions whole lie behind the end. The first was synced
// before the second began, so the log once was whole up to there. A log that is being begun anew at this
// moment counts as whole, as one that cannot be read does. `database` is the path of the database.
bool LosesTransactions(const std::string& database);

}  // namespace fleet
