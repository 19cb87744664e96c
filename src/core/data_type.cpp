#include "spectile/data_type.hpp"

#include <array>

#include "spectile/error.hpp"

namespace spectile {
namespace {

struct Row {
    DataType type;
    std::string_view name;
    std::size_t size;
    bool fits_float32;
};

constexpr std::array kRows = {
    Row{DataType::Byte, "Byte", 1, true},         Row{DataType::Int8, "Int8", 1, true},
    Row{DataType::UInt16, "UInt16", 2, true},     Row{DataType::Int16, "Int16", 2, true},
    Row{DataType::UInt32, "UInt32", 4, false},    Row{DataType::Int32, "Int32", 4, false},
    Row{DataType::UInt64, "UInt64", 8, false},    Row{DataType::Int64, "Int64", 8, false},
    Row{DataType::Float32, "Float32", 4, true},   Row{DataType::Float64, "Float64", 8, false},
    Row{DataType::Complex, "Complex", 16, false},
};

const Row& row_of(DataType type) { return kRows[static_cast<std::size_t>(type)]; }

}  // namespace

std::string_view name_of(DataType type) { return row_of(type).name; }
std::size_t size_of(DataType type) { return row_of(type).size; }
bool fits_float32(DataType type) { return row_of(type).fits_float32; }

DataType data_type_of(std::string_view gdal_name) {
    for (const auto& row : kRows)
        if (row.name == gdal_name) return row.type;
    throw Error(Code::usage, "unknown data type '" + std::string(gdal_name) +
                                 "'; use one of GDAL's, such as Byte, UInt16 or Float32");
}

}  // namespace spectile
