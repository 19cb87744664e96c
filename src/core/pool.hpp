#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace spectile {

/// Things that many threads use, each by one of them at a time: made when none is to spare, kept to the end.
template <typename T>
class Pool {
public:
    explicit Pool(std::function<T()> make) : make_(std::move(make)) {}

    /// Lends one to `body`. It comes back where `body` throws, too. Any thread.
    template <typename Body>
    void with(Body&& body) {
        Loan loan(*this, take());
        body(loan.item);
    }

    /// Those that nobody has; while no thread is in `with`, all.
    const std::vector<T>& idle() const { return idle_; }

private:
    struct Loan {
        Loan(Pool& from, T taken) : pool(from), item(std::move(taken)) {}
        ~Loan() { pool.give_back(std::move(item)); }
        Loan(const Loan&) = delete;
        Loan& operator=(const Loan&) = delete;
        Pool& pool;
        T item;
    };

    T take() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                T item = std::move(idle_.back());
                idle_.pop_back();
                return item;
            }
        }
        return make_();
    }
    void give_back(T item) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(item));
    }

    std::function<T()> make_;
    std::mutex mutex_;
    std::vector<T> idle_;
};

}  // namespace spectile
