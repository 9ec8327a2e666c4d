// SPDX-License-Identifier: Apache-2.0
/**
 * What all readers of foreign files share: parts of files whose size is known, and text out of them
 * that fits into one line.
 */
package io.snnsim.dump.file;
