// SPDX-License-Identifier: Apache-2.0
/** Writers of networks in the formats of other tool chains. */
package io.snnsim.export;
