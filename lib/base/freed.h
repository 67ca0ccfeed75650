// Owners of what C libraries make and free: std::unique_ptr<BIO, Freed<BIO_free>>.
#pragma once

namespace fleet {

// Calls `kFree`; what it returns is of no use to a destructor.
template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};

}  // namespace fleet
