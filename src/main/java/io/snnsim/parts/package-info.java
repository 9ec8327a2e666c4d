// SPDX-License-Identifier: Apache-2.0
/**
 * Which version this is, and which of its optional jars are there. Names no other room but the
 * failures.
 */
package io.snnsim.parts;
