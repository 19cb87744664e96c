// Planted faults for the include test; never compiled.
#include <gdal_priv.h>
#include <surprise/header.hpp>
#include "run/execute.hpp"
#include "pipeline/loop.hpp"
