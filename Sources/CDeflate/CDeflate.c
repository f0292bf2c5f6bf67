// The header holds everything; the package manager wants a source file.
#include "CDeflate.h"
