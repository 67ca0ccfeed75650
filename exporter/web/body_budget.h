// How much memory the bodies of all requests may take together.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace fleet {

// Thread-safe.
class BodyBudget {
 public:
  // Gives its bytes back at the end.
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    ~Share() {
      if (budget_ != nullptr) budget_->used_ -= bytes_;
    }

    // False when there is not as much left; then nothing changes.
    bool Grow(BodyBudget& budget, std::size_t bytes) {
      std::size_t used = budget.used_;
      do {
        if (bytes > budget.most_ - used) return false;
      } while (!budget.used_.compare_exchange_weak(used, used + bytes));
      budget_ = &budget;
      bytes_ += bytes;
      return true;
    }

   private:
    BodyBudget* budget_ = nullptr;
    std::size_t bytes_ = 0;
  };

  explicit BodyBudget(std::size_t most) : most_(most) {}

  std::size_t used() const { return used_; }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace fleet
