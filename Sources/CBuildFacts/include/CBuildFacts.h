/// What is known of a build only while it is made; see Package.swift.
#ifndef CBUILDFACTS_H
#define CBUILDFACTS_H

/// The commit that was built, with `+` after it where files had changed; empty where unknown.
const char *cbf_commit(void);

#endif
