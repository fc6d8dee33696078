-- The next run prepares anew: it builds what a database of an earlier waxline has not, or has otherwise.

DROP INDEX IF EXISTS discogs.master_artist_artist_id, discogs.release_artist_artist_id,
    discogs.release_company_company_id, discogs.release_credit_artist_id, discogs.release_genre_genre,
    discogs.release_label_label_id, discogs.release_master_id, discogs.release_series_series_id,
    discogs.release_style_style, discogs.release_track_artist_artist_id,
    discogs.release_track_credit_artist_id;

DELETE FROM waxline.prepared;
