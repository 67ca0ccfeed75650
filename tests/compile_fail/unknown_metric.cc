// A metric that nobody exports cannot be named in our own code.
#include "lib/catalog/catalog.h"

#ifdef VALID
constexpr auto kRow = fleet::catalog::Index<"queue_depth">;
#else
constexpr auto kRow = fleet::catalog::Index<"queue_deepness">;
#endif

int main() { return kRow == 0 ? 1 : 0; }
