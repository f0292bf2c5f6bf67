#include "CBuildFacts.h"

#ifndef CDRX_COMMIT
#define CDRX_COMMIT ""
#endif

const char *cbf_commit(void) { return CDRX_COMMIT; }
