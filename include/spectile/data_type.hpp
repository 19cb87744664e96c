#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spectile {

/// Pixel types under GDAL's names. Complex types exist in files but are refused as network input.
enum class DataType { Byte, Int8, UInt16, Int16, UInt32, Int32, UInt64, Int64, Float32, Float64, Complex };

std::string_view name_of(DataType type);
/// Throws Error{Code::usage} naming the unknown type.
DataType data_type_of(std::string_view gdal_name);
/// Bytes of one value. Complex: 16.
std::size_t size_of(DataType type);
/// Whether float32 holds every value of the type: 8 and 16 bit integers and Float32.
bool fits_float32(DataType type);

}  // namespace spectile
