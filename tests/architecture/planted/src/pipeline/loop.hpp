// Planted fault for the include test: pipeline and plan include each other; never compiled.
#include "plan/reads_gdal.cpp"
