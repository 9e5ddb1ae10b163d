/// Which next hop: routes, connectors, MX.
@NullMarked
package dev.poststation.route;

import org.jspecify.annotations.NullMarked;
