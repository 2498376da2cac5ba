/* SPDX-License-Identifier: MIT */
/* For a test of something that a build may be without: Test(suite, name, NEEDS_OPENSSL) counts as
 * skipped there. */
#ifndef TEST_NEEDS_H
#define TEST_NEEDS_H

#ifdef HAVE_OPENSSL
#define NEEDS_OPENSSL .disabled = false
#else
#define NEEDS_OPENSSL .disabled = true
#endif

#endif
