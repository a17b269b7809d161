#include "runners/sim/data/Datapath.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ptotune::sim {

using program::Instr;

namespace {

// A NaN on either side stays.
float larger(float a, float b) {
  if (std::isnan(a))
    return a;
  return b < a ? a : b;
}

template <typename F> std::vector<float> map(std::vector<float> a, F&& f) {
  for (float& value : a)
    value = f(value);
  return a;
}

template <typename F>
std::vector<float> map(std::vector<float> a, const std::vector<float>& b, F&& f) {
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] = f(a[i], b[i]);
  return a;
}

// b has one value for each row of a.
template <typename F>
std::vector<float> mapRows(std::vector<float> a, const std::vector<float>& b, F&& f) {
  const std::size_t cols = a.size() / b.size();
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] = f(a[i], b[i / cols]);
  return a;
}

} // namespace

// --- Elements ----------------------------------------------------------------------------------

std::vector<float> Datapath::load(const TileAt& at, const Part& part) const {
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(part.rows * part.cols));
  const std::int64_t bytes = program::bytesOf(at.tile->dtype);
  for (std::int64_t r = part.row; r < part.row + part.rows; ++r)
    for (std::int64_t c = part.col; c < part.col + part.cols; ++c)
      values.push_back(storage_.load(
          at.space, at.base + elementOf(*at.tile, fractal_, r, c) * bytes, at.tile->dtype));
  return values;
}

std::vector<float> Datapath::load(const TileAt& at) const {
  return load(at, {0, 0, at.tile->rows, at.tile->cols});
}

std::vector<float> Datapath::load(const ViewAt& at) const {
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(at.view->rows) * static_cast<std::size_t>(at.view->cols));
  const std::int64_t bytes = program::bytesOf(at.view->dtype);
  for (std::int64_t r = 0; r < at.view->rows; ++r)
    for (std::int64_t c = 0; c < at.view->cols; ++c)
      values.push_back(
          storage_.load(at.space, at.base + elementOf(*at.view, r, c) * bytes, at.view->dtype));
  return values;
}

void Datapath::store(const TileAt& at, const std::vector<float>& values,
                     program::Rounding rounding) {
  const std::int64_t bytes = program::bytesOf(at.tile->dtype);
  std::size_t next = 0;
  for (std::int64_t r = 0; r < at.tile->rows; ++r)
    for (std::int64_t c = 0; c < at.tile->cols; ++c)
      storage_.store(at.space, at.base + elementOf(*at.tile, fractal_, r, c) * bytes,
                     at.tile->dtype, values[next++], rounding);
}

void Datapath::commit(const Operation& op, const std::vector<float>& values) {
  if (op.instr->shape.op == Op::tstore) {
    const std::int64_t bytes = program::bytesOf(op.view.view->dtype);
    std::size_t next = 0;
    for (std::int64_t r = 0; r < op.view.view->rows; ++r)
      for (std::int64_t c = 0; c < op.view.view->cols; ++c)
        storage_.store(op.view.space, op.view.base + elementOf(*op.view.view, r, c) * bytes,
                       op.view.view->dtype, values[next++]);
    return;
  }
  store(op.dst, values, op.instr->rounding);
  if (op.scratch.tile == nullptr)
    return;
  const auto count = static_cast<std::size_t>(op.scratch.tile->rows) *
                     static_cast<std::size_t>(op.scratch.tile->cols);
  store(op.scratch, std::vector<float>(count, std::numeric_limits<float>::quiet_NaN()),
        program::Rounding::tiesToEven);
}

// --- Instructions ------------------------------------------------------------------------------

std::vector<float> Datapath::multiply(const Operation& op) const {
  const auto rows = static_cast<std::size_t>(op.dst.tile->rows);
  const auto cols = static_cast<std::size_t>(op.dst.tile->cols);
  const auto depth = static_cast<std::size_t>(op.src[0].tile->cols);
  const std::vector<float> left = load(op.src[0]);
  const std::vector<float> right = load(op.src[1]);
  std::vector<float> acc =
      op.instr->shape.op == Op::tmatmulAcc ? load(op.dst) : std::vector<float>(rows * cols, 0.0F);
  for (std::size_t r = 0; r < rows; ++r) {
    float* sums = &acc[r * cols];
    for (std::size_t k = 0; k < depth; ++k) {
      const float factor = left[r * depth + k];
      const float* values = &right[k * cols];
      for (std::size_t c = 0; c < cols; ++c)
        sums[c] += factor * values[c];
    }
  }
  return acc;
}

float Datapath::sumOfRow(const float* row, std::size_t count, std::size_t lanes) const {
  std::vector<float> parts(row, row + std::min(count, lanes));
  for (std::size_t i = parts.size(); i < count; ++i)
    parts[i % lanes] += row[i];
  while (parts.size() > 1) {
    const std::size_t pairs = parts.size() / 2;
    for (std::size_t i = 0; i < pairs; ++i)
      parts[i] = parts[2 * i] + parts[2 * i + 1];
    if (parts.size() % 2 != 0)
      parts[pairs] = parts.back();
    parts.resize((parts.size() + 1) / 2);
  }
  return parts.front();
}

std::vector<float> Datapath::reduceRows(const Operation& op) const {
  const std::vector<float> values = load(op.src[0]);
  const auto cols = static_cast<std::size_t>(op.src[0].tile->cols);
  const auto lanes = static_cast<std::size_t>(
      std::max<std::int64_t>(repeatBytes_ / program::bytesOf(op.src[0].tile->dtype), 1));
  std::vector<float> results;
  for (std::size_t at = 0; at < values.size(); at += cols) {
    if (op.instr->shape.op == Op::trowsum) {
      results.push_back(sumOfRow(&values[at], cols, lanes));
      continue;
    }
    float most = values[at];
    for (std::size_t c = 1; c < cols; ++c)
      most = larger(most, values[at + c]);
    results.push_back(most);
  }
  return results;
}

std::vector<float> Datapath::triangle(const Operation& op) {
  const std::int64_t rows = op.dst.tile->rows;
  const std::int64_t cols = op.dst.tile->cols;
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(rows * cols));
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < cols; ++c)
      values.push_back(c >= r + op.row ? 1.0F : 0.0F);
  return values;
}

std::vector<float> Datapath::compute(const Operation& op) const {
  const Instr& instr = *op.instr;
  const auto scalar = static_cast<float>(instr.scalar);
  switch (instr.shape.op) {
  case Op::tload:
    return load(op.view);
  case Op::tstore:
  case Op::tmov:
  case Op::tcvt:
    return load(op.src[0]);
  case Op::textract:
    return load(op.src[0], {op.row, op.col, op.dst.tile->rows, op.dst.tile->cols});
  case Op::tmatmul:
  case Op::tmatmulAcc:
    return multiply(op);
  case Op::tadd:
    return map(load(op.src[0]), load(op.src[1]), [](float a, float b) { return a + b; });
  case Op::tsub:
    return map(load(op.src[0]), load(op.src[1]), [](float a, float b) { return a - b; });
  case Op::tmul:
    return map(load(op.src[0]), load(op.src[1]), [](float a, float b) { return a * b; });
  case Op::tmax:
    return map(load(op.src[0]), load(op.src[1]), larger);
  case Op::tmuls:
    return map(load(op.src[0]), [scalar](float a) { return a * scalar; });
  case Op::tadds:
    return map(load(op.src[0]), [scalar](float a) { return a + scalar; });
  case Op::texp:
    return map(load(op.src[0]), [](float a) { return std::exp(a); });
  case Op::texpands:
    return std::vector<float>(static_cast<std::size_t>(op.dst.tile->rows) *
                                  static_cast<std::size_t>(op.dst.tile->cols),
                              scalar);
  case Op::ttri:
    return triangle(op);
  case Op::trowmax:
  case Op::trowsum:
    return reduceRows(op);
  case Op::trowexpandsub:
    return mapRows(load(op.src[0]), load(op.src[1]), [](float a, float b) { return a - b; });
  case Op::trowexpandmul:
    return mapRows(load(op.src[0]), load(op.src[1]), [](float a, float b) { return a * b; });
  case Op::trowexpanddiv:
    return mapRows(load(op.src[0]), load(op.src[1]), [](float a, float b) { return a / b; });
  }
  return {};
}

} // namespace ptotune::sim
