#pragma once

#include <ATen/ops/stack.h>

#include <barrier>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "training/process_group.hpp"

namespace spectile::training {

/// Threads in the place of processes.
class ThreadGroup {
public:
    explicit ThreadGroup(int size)
        : size_(size),
          meeting_(size),
          texts_(static_cast<std::size_t>(size)),
          tensors_(static_cast<std::size_t>(size)) {}

    /// Runs `body` as every rank at the same time.
    void run(const std::function<void(ProcessGroup&)>& body) {
        std::vector<std::thread> threads;
        for (int rank = 0; rank < size_; ++rank)
            threads.emplace_back([this, rank, &body] {
                Member member(*this, rank);
                body(member);
            });
        for (auto& thread : threads) thread.join();
    }

private:
    class Member final : public ProcessGroup {
    public:
        Member(ThreadGroup& all, int rank) : all_(all), rank_(rank) {}
        int rank() const override { return rank_; }
        int size() const override { return all_.size_; }

        std::vector<std::string> gather(const std::string& ours) override {
            all_.texts_[static_cast<std::size_t>(rank_)] = ours;
            all_.meeting_.arrive_and_wait();
            auto texts = all_.texts_;
            all_.meeting_.arrive_and_wait();
            return texts;
        }

        at::Tensor exchange(const at::Tensor& parts) override {
            std::vector<at::Tensor> rows;
            for (const auto& tensor : tensors_of(parts.clone())) rows.push_back(tensor[rank_]);
            return at::stack(rows);
        }

        void collect(const at::Tensor& part, const at::Tensor& parts) override {
            parts.copy_(at::stack(tensors_of(part.clone())));
        }

    private:
        std::vector<at::Tensor> tensors_of(const at::Tensor& ours) {
            all_.tensors_[static_cast<std::size_t>(rank_)] = ours;
            all_.meeting_.arrive_and_wait();
            auto tensors = all_.tensors_;
            all_.meeting_.arrive_and_wait();
            return tensors;
        }

        ThreadGroup& all_;
        int rank_;
    };

    int size_;
    std::barrier<> meeting_;
    std::vector<std::string> texts_;
    std::vector<at::Tensor> tensors_;
};

}  // namespace spectile::training
