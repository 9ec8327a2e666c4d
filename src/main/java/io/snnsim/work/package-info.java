// SPDX-License-Identifier: Apache-2.0
/**
 * How work is done, whatever the work is: on how many threads, who is told how far it got, and who
 * may end it. A leaf that every room may name.
 */
package io.snnsim.work;
