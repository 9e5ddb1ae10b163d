/// Which next hop: routes, connectors, MX.
///
/// Two questions, asked one after the other by the queue: which rule of the configuration decides
/// (`Router`, pure), and where the connector it names leads to now (`Destinations`, which may ask
/// the DNS). Both answers tell why.
@NullMarked
package dev.poststation.route;

import org.jspecify.annotations.NullMarked;
