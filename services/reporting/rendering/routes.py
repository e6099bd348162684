"""Where a route of migration lies, for a circle on a map: longitude and latitude, degrees.

The names are those of IOM's Missing Migrants Project (*Migration routes*, its data dictionary). A place is a point
of our own choosing near the route's middle, for orientation alone: no incident happened just there.
"""

ROUTES: dict[str, tuple[float, float]] = {
    "Afghanistan to Iran": (61.0, 31.5),
    "Caribbean to US": (-78.5, 24.0),
    "Central Mediterranean": (14.0, 34.8),
    "Comoros to Mayotte": (44.6, -12.5),
    "DRC to Uganda": (30.6, 1.0),
    "Darien": (-77.4, 8.2),
    "Dominican Republic to Puerto Rico": (-67.8, 18.4),
    "Eastern Mediterranean": (27.0, 37.0),
    "English Channel to the UK": (1.5, 50.9),
    "Haiti to Dominican Republic": (-71.8, 18.9),
    "Horn of Africa to Yemen crossing": (46.0, 12.3),
    "Iran to Türkiye": (44.4, 38.6),
    "Italy to France": (7.5, 43.8),
    "Sahara Desert crossing": (10.0, 22.5),
    "Syria to Türkiye": (37.0, 36.7),
    "Türkiye-Europe land route": (26.4, 41.6),
    "US-Mexico border crossing": (-106.0, 30.5),
    "Venezuela to Caribbean": (-62.2, 11.2),
    "Western Africa / Atlantic route to the Canary Islands": (-16.5, 24.5),
    "Western Balkans": (21.0, 43.5),
    "Western Mediterranean": (-3.2, 35.7),
}
